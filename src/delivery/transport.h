// Which of a domain's mail hosts may be sent to, and with what TLS: asks DNS for DANE and MTA-STS, and the settings.
// The decision itself is authentication/transport_need.h's.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "authentication/transport_need.h"
#include "delivery/route.h"
#include "dns/resolver.h"

namespace todoku::delivery {

class StsPolicies;
class TlsResults;

struct TransportOptions {
  std::uint16_t port = 25;
  authentication::TlsLevel level = authentication::TlsLevel::opportunistic;
  /// Domain, or ".domain" for all below it, in A-labels → level; the first that fits counts.
  std::vector<std::pair<std::string, authentication::TlsLevel>> by_domain;
};

class Transport {
 public:
  /// `sts` and `results` may be null: no MTA-STS, nothing counted. All live longer.
  Transport(dns::Resolver& resolver, StsPolicies* sts, TlsResults* results, TransportOptions options)
      : resolver_(resolver), sts_(sts), results_(results), options_(std::move(options)) {}

  /// The route over the hosts found, in their order. Hosts that may not be sent to are left out; where none is left,
  /// the problem says why, and it passes.
  [[nodiscard]] net::Task<Route> route(std::string domain, dns::MailHosts hosts) const;

 private:
  struct Found {
    Route route;
    std::string forbidden;  // why hosts were left out
  };
  [[nodiscard]] authentication::OperatorWish wish_of(std::string_view domain) const;
  net::Task<> add(const std::string& domain, const authentication::OperatorWish& wish, const dns::MailHost& host,
                  const authentication::StsPolicy* sts, Found& found) const;
  void report(const std::string& domain, const authentication::ReportedPolicy& policy, std::string result,
              const std::string& host, const std::string& detail) const;
  net::Task<> look_up_tlsa(const dns::MailHost& host, authentication::HostFacts& facts, std::string& base) const;

  dns::Resolver& resolver_;
  StsPolicies* sts_;
  TlsResults* results_;
  TransportOptions options_;
};

}  // namespace todoku::delivery
