#include "app/serve/source_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "app/delivery_settings.h"
#include "intake/spoofing/picture.h"

namespace todoku::app {
namespace {

constexpr base::Duration kEvery{30'000};
constexpr base::Duration kLimit{2'000};
constexpr std::int64_t kAtOnce = 5;

}  // namespace

base::Result<std::unique_ptr<SourceNames>> SourceNames::make(const Config& config, store::Store& store) {
  std::unique_ptr<SourceNames> names(new SourceNames(store));
  dns::ResolverOptions options = resolver_options(config);
  options.limit = std::min(options.limit, kLimit);
  auto resolver = dns::make_resolver(names->runtime_, std::move(options));
  if (!resolver) return std::move(resolver).error();
  names->resolver_ = *std::move(resolver);
  return names;
}

SourceNames::~SourceNames() { runtime_.close(base::Duration{0}); }

void SourceNames::look_up(base::Time now) {
  if (now - looked_at_ < kEvery) return;
  looked_at_ = now;
  const auto addresses = intake::spoofing::nameless_addresses(*store_.read(), now, kAtOnce);
  std::vector<std::pair<std::string, std::string>> names;
  for (const std::string& address : addresses) {
    const auto answer = net::run(runtime_, resolver_->ptr(address));
    if (dns::temporary(answer.status)) continue;
    names.emplace_back(address, answer.records.empty() ? "" : answer.records.front());
  }
  if (names.empty()) return;
  store_.write_now([&](store::Connection& db) {
    for (const auto& [address, name] : names) intake::spoofing::keep_host_name(db, address, name, now);
  });
}

void warn_of_spoofing(store::Store& store, Health& health) {
  const auto alerts = intake::spoofing::open_alerts(*store.read(), "", 1);
  if (alerts.empty()) return health.warn("spoofing", "");
  const auto& newest = alerts.front();
  health.warn("spoofing", fmt::format("{} mails in the name of {} in a day, {:.0f} are usual; see todoku spoofing",
                                      newest.mails, newest.domain, newest.usual));
}

}  // namespace todoku::app
