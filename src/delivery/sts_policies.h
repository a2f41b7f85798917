// The MTA-STS policies of receiving domains: announced in DNS, fetched over HTTPS, kept in memory and in the database
// (RFC 8461). When which of these is done is authentication/sts_cache.h's.
#pragma once
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "authentication/sts_cache.h"
#include "base/clock.h"
#include "net/task.h"

namespace todoku::dns {
class Resolver;
}
namespace todoku::net {
class HttpsClient;
}
namespace todoku::store {
class Store;
}

namespace todoku::delivery {

struct StsAnswer {
  std::shared_ptr<const authentication::KeptStsPolicy> kept;  // shared with the memory of all; null: no policy
  std::string trouble;  // a policy is announced and was not to be had, in the words of RFC 8460: "sts-policy-invalid"
  std::string detail;   // what was wrong, for people
};

class StsPolicies {
 public:
  struct Parts {
    dns::Resolver& resolver;
    net::HttpsClient& https;
    store::Store& store;
    const base::Clock& clock;
    std::uint16_t port = 443;  // another one in tests
  };

  /// Reads what the database has kept: not on an I/O thread.
  explicit StsPolicies(const Parts& parts);

  /// What `domain` (A-labels) goes by now. Takes as long as DNS and its web server do, within their limits; several
  /// may be asked at once.
  [[nodiscard]] net::Task<StsAnswer> policy_of(std::string domain);

 private:
  using Kept = std::shared_ptr<const authentication::KeptStsPolicy>;
  struct Known {
    Kept kept;
    std::optional<base::Time> failed_at;
    std::string trouble, detail;  // of that failure
  };

  [[nodiscard]] Known known(const std::string& domain) const;
  net::Task<StsAnswer> fetch(std::string domain, std::string id);
  StsAnswer failed(const std::string& domain, std::string trouble, std::string detail);
  void keep(const std::string& domain, const Kept& kept);

  Parts parts_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Known> known_;  // guarded by mutex_
};

}  // namespace todoku::delivery
