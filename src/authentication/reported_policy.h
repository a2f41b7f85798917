// A domain's transport policy as reports name it (RFC 8460 section 4.2).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace todoku::authentication {

enum class PolicyKind : std::uint8_t { none, tlsa, sts };
/// "no-policy-found", "tlsa", "sts"
[[nodiscard]] std::string_view to_string(PolicyKind kind);
/// Of any other word: none.
[[nodiscard]] PolicyKind policy_kind_of(std::string_view word);

struct ReportedPolicy {
  PolicyKind kind = PolicyKind::none;
  std::vector<std::string> strings;  // the policy's lines, or the TLSA records
  std::vector<std::string> mx;       // patterns of an MTA-STS policy
};

}  // namespace todoku::authentication
