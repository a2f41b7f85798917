#include "authentication/transport_need.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "authentication/dane.h"

namespace todoku::authentication {
namespace {

using net::TlsProof;

constexpr std::array<std::string_view, 4> kLevels = {"off", "opportunistic", "required", "verify"};

TlsProof proof_of(TlsLevel level) { return level == TlsLevel::verify ? TlsProof::authorities : TlsProof::none; }

TransportNeed forbidden(PolicyKind policy, std::string why) {
  TransportNeed need;
  need.allowed = false;
  need.level = TlsLevel::verify;
  need.policy = policy;
  need.why = std::move(why);
  return need;
}

TransportNeed by_dane(const HostFacts& facts) {
  TransportNeed need;
  need.policy = PolicyKind::tlsa;
  need.why = fmt::format("DANE for {}", facts.host);
  need.tlsa = usable_for_smtp(facts.records);
  // Records that are all of no use still promise TLS (RFC 7672 section 2.2).
  need.level = need.tlsa.empty() ? TlsLevel::required : TlsLevel::verify;
  need.proof = need.tlsa.empty() ? TlsProof::none : TlsProof::dane;
  return need;
}

TransportNeed by_sts(const HostFacts& facts) {
  TransportNeed need;
  need.policy = PolicyKind::sts;
  if (facts.sts->mode == StsMode::testing) {
    need.testing = true;
    need.listed = lists(*facts.sts, facts.host);
    return need;
  }
  if (!lists(*facts.sts, facts.host)) {
    return forbidden(PolicyKind::sts,
                     fmt::format("{} is not among the servers that the MTA-STS policy of {} names (mx: {})", facts.host,
                                 facts.domain, fmt::join(facts.sts->mx, ", ")));
  }
  need.level = TlsLevel::verify;
  need.proof = TlsProof::authorities;
  need.why = fmt::format("the MTA-STS policy of {}", facts.domain);
  return need;
}

/// By what the domain publishes.
TransportNeed published(const HostFacts& facts) {
  if (facts.tlsa == TlsaState::failed) {
    return forbidden(PolicyKind::tlsa, fmt::format("the TLSA records of {} cannot be looked up: whether DANE asks for "
                                                   "a certificate is not known",
                                                   facts.host));
  }
  if (facts.tlsa == TlsaState::found && !facts.records.empty()) return by_dane(facts);
  if (facts.sts != nullptr && facts.sts->mode != StsMode::none) return by_sts(facts);
  return {};
}

}  // namespace

std::optional<TlsLevel> tls_level_of(std::string_view word) {
  const auto found = std::ranges::find(kLevels, word);
  if (found == kLevels.end()) return std::nullopt;
  return static_cast<TlsLevel>(found - kLevels.begin());
}

std::string_view to_string(TlsLevel level) { return kLevels[static_cast<std::size_t>(level)]; }

TransportNeed need_of(const HostFacts& facts, const OperatorWish& wish) {
  TransportNeed need = wish.lifts() ? TransportNeed() : published(facts);
  if (wish.lifts()) need.level = wish.level;
  if (wish.lifts() || !need.allowed || wish.level <= need.level) return need;
  need.level = wish.level;
  if (need.proof == TlsProof::none) need.proof = proof_of(wish.level);
  need.why = fmt::format("the setting smtp.tls{} = {}", wish.for_domain ? "_by_domain" : "", to_string(wish.level));
  return need;
}

}  // namespace todoku::authentication
