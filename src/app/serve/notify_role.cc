#include "app/serve/notify_role.h"

#include <optional>

#include "app/config.h"
#include "app/delivery_settings.h"
#include "app/notify_settings.h"

namespace todoku::app {
namespace {

using base::Error;
using base::ErrorCode;
using base::Result;

constexpr base::Duration kGrace{1'000};
constexpr base::Duration kLimit{20'000};

/// "192.0.2.1", "[2001:db8::1]": addresses need no resolver.
std::optional<std::string> address_in(const std::string& host) {
  if (host.starts_with('[') && host.ends_with(']')) return host.substr(1, host.size() - 2);
  const bool digits = !host.empty() && host.find_first_not_of("0123456789.") == std::string::npos;
  return digits ? std::optional(host) : std::nullopt;
}

}  // namespace

NotifyRole::NotifyRole(const std::vector<remedy::NotifyTarget>& targets) {
  for (const remedy::NotifyTarget& target : targets) {
    Way& way = ways_[target.name];
    way.client = std::make_unique<net::HttpsClient>(
        net::HttpsOptions{.authorities_file = target.ca_file, .allow_private = target.allow_private});
  }
}

NotifyRole::~NotifyRole() { stop(); }

void NotifyRole::stop() { runtime_.close(kGrace); }

Result<std::unique_ptr<NotifyRole>> NotifyRole::start(const Context& context, const Config& config, store::Store& store,
                                                      Meters& meters) {
  auto targets = notify_targets(context);
  if (!targets) return std::move(targets).error();
  std::unique_ptr<NotifyRole> role(new NotifyRole(*targets));
  for (const remedy::NotifyTarget& target : *targets) {
    auto place = net::parse_web_url(target.url);
    if (!place) return Error{ErrorCode::invalid, "this is no URL: " + target.url, "as https://host/path", "notify.url"};
    role->ways_[target.name].place = *std::move(place);
  }
  auto resolver = dns::make_resolver(role->runtime_, resolver_options(config));
  if (!resolver) return std::move(resolver).error();
  role->resolver_ = *std::move(resolver);
  role->notifier_ = std::make_unique<remedy::Notifier>(
      store, role->runtime_, role->clock_, *std::move(targets),
      [&role = *role](const remedy::NotifyTarget& target, remedy::NotePost post) {
        return role.post(target, std::move(post));
      },
      [&meters](const std::string& target, std::string_view result) { meters.notified(target, result); });
  role->notifier_->start();
  return role;
}

net::Task<Result<long>> NotifyRole::post(const remedy::NotifyTarget& target, remedy::NotePost post) {
  Way& way = ways_.at(target.name);
  net::HttpsQuestion question;
  question.place = way.place;
  if (auto number = address_in(way.place.host)) {
    question.addresses = {*std::move(number)};
  } else {
    auto found = co_await resolver_->addresses(way.place.host);
    if (found.status != dns::Status::ok)
      co_return Error{ErrorCode::unavailable, std::string(dns::to_string(found.status)), "", way.place.host};
    question.addresses = std::move(found.records);
  }
  question.content_type = "application/json";
  question.body = std::move(post.body);
  question.fields = std::move(post.fields);
  question.limit = kLimit;
  const auto answer = co_await way.client->ask(std::move(question));
  if (!answer) co_return answer.error();
  co_return answer->status;
}

}  // namespace todoku::app
