#include "delivery/tls_results.h"

#include <algorithm>
#include <exception>

#include "authentication/tls_result_store.h"
#include "base/log.h"
#include "store/store.h"

namespace todoku::delivery {
namespace {

using authentication::DomainResults;
using authentication::PolicyKind;
using authentication::PolicyResults;
using authentication::TlsFailures;

constexpr base::Duration kStoreEvery{30'000};
constexpr std::size_t kMostInMemory = 2'000;
constexpr std::size_t kMostFailures = 50;  // of one domain and day in memory; further ones join the last
constexpr const char* kNotOffered = "starttls-not-supported";
constexpr const char* kOther = "validation-failure";

/// The same failure once more, or a new one.
void add_failure(std::vector<TlsFailures>& all, TlsFailures failure) {
  const auto same = std::ranges::find_if(all, [&failure](const TlsFailures& other) {
    return std::tie(other.result, other.mx, other.address, other.source) ==
           std::tie(failure.result, failure.mx, failure.address, failure.source);
  });
  if (same != all.end()) {
    same->sessions += failure.sessions;
  } else if (all.size() < kMostFailures) {
    all.push_back(std::move(failure));
  } else {
    all.back().sessions += failure.sessions;
  }
}

/// What went wrong: the result-type, or "" where nothing did; null where the session says nothing of TLS.
const char* result_of(const SessionPolicy& policy, const smtp::Target& target, const smtp::Opened& opened) {
  if (!opened) {
    if (opened.failure.cause == smtp::Cause::tls_missing) return kNotOffered;
    return opened.failure.cause == smtp::Cause::tls_failed ? result_type(opened.failure.tls_fault) : nullptr;
  }
  const net::TlsInfo* tls = opened.session->tls();
  if (tls == nullptr) return target.security.tls == smtp::TlsMode::off ? nullptr : kNotOffered;
  if (!policy.testing) return "";
  if (!policy.listed) return kOther;
  return tls->fault == net::TlsFault::none ? "" : result_type(tls->fault);
}

}  // namespace

const char* result_type(net::TlsFault fault) {
  switch (fault) {
    case net::TlsFault::wrong_name:
      return "certificate-host-mismatch";
    case net::TlsFault::untrusted:
      return "certificate-not-trusted";
    case net::TlsFault::expired:
      return "certificate-expired";
    case net::TlsFault::none:
    case net::TlsFault::unmatched:
    case net::TlsFault::other:
      break;
  }
  return kOther;
}

void TlsResults::session(const std::string& domain, const SessionPolicy& policy, const smtp::Target& target,
                         const smtp::Opened& opened) {
  const char* result = result_of(policy, target, opened);
  if (result == nullptr) return;
  if (*result == '\0') return add(domain, policy.policy, 1, {});
  TlsFailures failure{.result = result,
                      .mx = target.host,
                      .address = target.address,
                      .source = opened ? opened.session->local() : std::string(),
                      .detail = policy.listed ? opened.failure.detail : "the policy does not name the host",
                      .sessions = 1};
  add(domain, policy.policy, 0, std::move(failure));
}

void TlsResults::failure(const std::string& domain, const authentication::ReportedPolicy& policy, TlsFailures failure) {
  failure.sessions = std::max<std::int64_t>(failure.sessions, 1);
  add(domain, policy, 0, std::move(failure));
}

void TlsResults::add(const std::string& domain, const authentication::ReportedPolicy& policy, std::int64_t good,
                     TlsFailures failure) {
  if (!all_ && policy.kind == PolicyKind::none && failure.result.empty()) return;
  const base::Time now = clock_.now();
  std::vector<DomainResults> due;
  {
    const std::scoped_lock lock(mutex_);
    PolicyResults& results = results_[{authentication::day_of(now), domain, policy.kind}];
    results.policy = policy;
    results.good += good;
    if (!failure.result.empty()) add_failure(results.failures, std::move(failure));
    if (stored_at_ == base::Time{}) stored_at_ = now;
    const bool set_back = now < stored_at_;
    if (set_back || now - stored_at_ >= kStoreEvery || results_.size() >= kMostInMemory) {
      stored_at_ = now;
      due = take();
    }
  }
  if (!due.empty()) store_later(std::move(due));
}

std::vector<DomainResults> TlsResults::take() {
  std::vector<DomainResults> taken;
  for (auto& [key, results] : results_) {
    taken.push_back({.day = std::get<0>(key), .domain = std::get<1>(key), .results = std::move(results)});
  }
  results_.clear();
  return taken;
}

void TlsResults::store_later(std::vector<DomainResults> results) {
  store_.write([results = std::move(results)](store::Connection& db) { authentication::add_tls_results(db, results); },
               [](const std::exception_ptr& problem) {
                 if (problem) base::log::error("tls_results_lost", {});
               });
}

void TlsResults::flush() {
  std::vector<DomainResults> due;
  {
    const std::scoped_lock lock(mutex_);
    due = take();
  }
  // Even of nothing: what was stored later than counted is waited for, too.
  store_.write_now([&due](store::Connection& db) { authentication::add_tls_results(db, due); });
}

}  // namespace todoku::delivery
