#include "delivery/sts_policies.h"

#include <exception>

#include "authentication/sts_policy.h"
#include "authentication/tls_result_store.h"
#include "base/ascii.h"
#include "base/log.h"
#include "dns/resolver.h"
#include "net/https_client.h"
#include "store/store.h"

namespace todoku::delivery {
namespace {

constexpr std::size_t kMostKnown = 100'000;
constexpr long kHttpOk = 200;
constexpr const char* kFetchError = "sts-policy-fetch-error";
constexpr const char* kInvalid = "sts-policy-invalid";
constexpr const char* kCertificate = "sts-webpki-invalid";

/// "text/plain; charset=utf-8" (RFC 8461 section 3.2).
bool is_plain_text(std::string_view type) {
  return base::iequals(base::trim(type.substr(0, type.find(';'))), "text/plain");
}

}  // namespace

StsPolicies::StsPolicies(const Parts& parts) : parts_(parts) {
  for (auto& policy : authentication::kept_sts_policies(*parts_.store.read(), parts_.clock.now())) {
    known_[policy.domain].kept = std::make_shared<authentication::KeptStsPolicy>(std::move(policy.kept));
  }
}

StsPolicies::Known StsPolicies::known(const std::string& domain) const {
  const std::scoped_lock lock(mutex_);
  const auto found = known_.find(domain);
  return found == known_.end() ? Known() : found->second;
}

net::Task<StsAnswer> StsPolicies::policy_of(std::string domain) {
  const auto records = co_await parts_.resolver.txt(authentication::sts_record_name(domain));
  auto announced = authentication::announced_sts_id(records.records);
  const Known known = this->known(domain);
  const base::Time now = parts_.clock.now();
  const auto step = authentication::next_step(known.kept.get(), announced, now, known.failed_at);
  if (step == authentication::StsStep::fetch) co_return co_await fetch(std::move(domain), *std::move(announced));
  StsAnswer answer;
  if (step == authentication::StsStep::keep) answer.kept = known.kept;
  if (announced && known.failed_at) {
    answer.trouble = known.trouble;
    answer.detail = known.detail;
  }
  co_return answer;
}

net::Task<StsAnswer> StsPolicies::fetch(std::string domain, std::string id) {
  net::HttpsQuestion question;
  question.place = {
      .host = authentication::sts_policy_host(domain), .port = parts_.port, .path = "/.well-known/mta-sts.txt"};
  question.most_bytes = authentication::kLargestStsPolicy;
  auto addresses = co_await parts_.resolver.addresses(question.place.host);
  if (addresses.status != dns::Status::ok) {
    co_return failed(domain, kFetchError, question.place.host + ": " + std::string(to_string(addresses.status)));
  }
  question.addresses = std::move(addresses.records);
  const auto got = co_await parts_.https.ask(std::move(question));
  if (!got) {
    const bool refused = got.error().code == base::ErrorCode::refused;
    co_return failed(domain, refused ? kCertificate : kFetchError, got.error().text());
  }
  if (got->status != kHttpOk) co_return failed(domain, kFetchError, "HTTP status " + std::to_string(got->status));
  if (!is_plain_text(got->content_type)) co_return failed(domain, kInvalid, "not text/plain: " + got->content_type);
  auto policy = authentication::parse_sts_policy(got->body);
  if (!policy) co_return failed(domain, kInvalid, policy.error().text());
  auto kept = std::make_shared<const authentication::KeptStsPolicy>(
      authentication::KeptStsPolicy{std::move(id), *std::move(policy), parts_.clock.now()});
  keep(domain, kept);
  co_return StsAnswer{std::move(kept), {}, {}};
}

/// The kept policy holds on, unless it is too old.
StsAnswer StsPolicies::failed(const std::string& domain, std::string trouble, std::string detail) {
  base::log::warning("sts_policy_not_fetched", {{"domain", domain}, {"result", trouble}, {"cause", detail}});
  StsAnswer answer{{}, std::move(trouble), std::move(detail)};
  const base::Time now = parts_.clock.now();
  const std::scoped_lock lock(mutex_);
  if (known_.size() >= kMostKnown) std::erase_if(known_, [](const auto& entry) { return !entry.second.kept; });
  Known& known = known_[domain];
  known.failed_at = now;
  known.trouble = answer.trouble;
  known.detail = answer.detail;
  if (authentication::holding(known.kept.get(), now) != nullptr) answer.kept = known.kept;
  return answer;
}

void StsPolicies::keep(const std::string& domain, const Kept& kept) {
  {
    const std::scoped_lock lock(mutex_);
    known_[domain] = {.kept = kept, .failed_at = {}, .trouble = {}, .detail = {}};
  }
  base::log::info("sts_policy_fetched", {{"domain", domain}, {"mode", to_string(kept->policy.mode)}});
  parts_.store.write(
      [domain, kept](store::Connection& db) { authentication::keep_sts_policy(db, {.domain = domain, .kept = *kept}); },
      [](const std::exception_ptr& problem) {
        if (problem) base::log::error("sts_policy_not_kept", {});
      });
}

}  // namespace todoku::delivery
