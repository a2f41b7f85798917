// Which transport security a receiving host of a domain needs: DANE, else MTA-STS, else what the operator asks for.
// Pure.
//
// DANE decides where the host has TLSA records that DNSSEC vouches for; MTA-STS never takes the place of a DANE that
// fails (RFC 8461 section 2). The operator's own word for a domain is the least that is asked for, except that "off"
// and "opportunistic" lift what the domain itself publishes: for domains whose policy is broken.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authentication/reported_policy.h"
#include "authentication/sts_policy.h"
#include "net/tls_peer.h"

namespace todoku::authentication {

/// What the operator asks for.
enum class TlsLevel : std::uint8_t {
  off,            // plain, even where TLS is offered
  opportunistic,  // TLS where it is offered, whatever the certificate
  required,       // TLS, whatever the certificate
  verify,         // TLS with a trusted certificate for the host
};
[[nodiscard]] std::optional<TlsLevel> tls_level_of(std::string_view word);
[[nodiscard]] std::string_view to_string(TlsLevel level);

/// What DNS says of TLSA records at a host.
enum class TlsaState : std::uint8_t {
  none,    // not asked for (the way to the host is not validated), or validated that there are none
  found,   // validated
  failed,  // no answer, or a forged one: whether there are any is not known
};

struct HostFacts {
  std::string_view domain;  // whose mail
  std::string_view host;
  TlsaState tlsa = TlsaState::none;
  std::vector<net::TlsaRecord> records;
  const StsPolicy* sts = nullptr;  // the domain's, where one holds
};

struct OperatorWish {
  TlsLevel level = TlsLevel::opportunistic;
  bool for_domain = false;  // said for this very domain, as against for all
  /// What the domain publishes does not count.
  [[nodiscard]] bool lifts() const {
    return level == TlsLevel::off || (for_domain && level == TlsLevel::opportunistic);
  }
};

struct TransportNeed {
  bool allowed = true;  // false: no mail may go to this host now; `why` says it
  TlsLevel level = TlsLevel::opportunistic;
  net::TlsProof proof = net::TlsProof::none;
  std::vector<net::TlsaRecord> tlsa;  // usable ones, for TlsProof::dane
  std::string why;                    // who asks for more than opportunistic TLS: "DANE for mx.example.jp"
  PolicyKind policy = PolicyKind::none;
  bool testing = false;  // MTA-STS in testing: whether it would have held is to be told, nothing more
  bool listed = true;    // false: in testing, and the policy does not name the host
};

[[nodiscard]] TransportNeed need_of(const HostFacts& facts, const OperatorWish& wish);

}  // namespace todoku::authentication
