// Counts how TLS went with each receiving domain, for the reports that domains ask for (RFC 8460): in memory, and in
// the database every half minute. Thread-safe. Counts of the last half minute are lost in a kill; reports are no proof.
#pragma once
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "authentication/tls_report.h"
#include "authentication/tls_result_store.h"
#include "base/clock.h"
#include "delivery/session_policy.h"
#include "smtp/client_session.h"

namespace todoku::store {
class Store;
}

namespace todoku::delivery {

class TlsResults {
 public:
  /// `all`: sessions towards domains without a policy as well, which may ask for reports all the same.
  TlsResults(store::Store& store, const base::Clock& clock, bool all) : store_(store), clock_(clock), all_(all) {}

  /// A session that was opened or was not. What failed before or after TLS does not count.
  void session(const std::string& domain, const SessionPolicy& policy, const smtp::Target& target,
               const smtp::Opened& opened);
  /// A failure without a session: a policy that could not be had, a host that it forbids.
  void failure(const std::string& domain, const authentication::ReportedPolicy& policy,
               authentication::TlsFailures failure);
  /// Stores what was counted, and waits for it. Not on an I/O thread.
  void flush();

 private:
  using Key = std::tuple<std::int64_t, std::string, authentication::PolicyKind>;  // day, domain
  void add(const std::string& domain, const authentication::ReportedPolicy& policy, std::int64_t good,
           authentication::TlsFailures failure);
  [[nodiscard]] std::vector<authentication::DomainResults> take();  // mutex_ is held
  void store_later(std::vector<authentication::DomainResults> results);

  store::Store& store_;
  const base::Clock& clock_;
  const bool all_;
  std::mutex mutex_;
  std::map<Key, authentication::PolicyResults> results_;  // guarded by mutex_
  base::Time stored_at_{};                                // guarded by mutex_
};

/// The result-type of RFC 8460 section 4.3.
[[nodiscard]] const char* result_type(net::TlsFault fault);

}  // namespace todoku::delivery
