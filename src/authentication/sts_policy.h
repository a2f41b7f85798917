// MTA-STS (RFC 8461): what a domain says about the servers that take its mail, and the TLS they have. Pure.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace todoku::authentication {

enum class StsMode : std::uint8_t {
  none,     // the domain has given MTA-STS up
  testing,  // failures are reported, mail goes out all the same
  enforce,  // mail goes to listed servers with a valid certificate, or waits
};
[[nodiscard]] std::string_view to_string(StsMode mode);

struct StsPolicy {
  StsMode mode = StsMode::none;
  std::vector<std::string> mx;  // lower case, "mx.example.jp" or "*.example.jp"; empty only where the mode is none
  std::chrono::seconds max_age{0};
  friend bool operator==(const StsPolicy&, const StsPolicy&) = default;
};

inline constexpr std::size_t kLargestStsPolicy = 64UL * 1024;
inline constexpr std::chrono::seconds kLongestStsAge{31'557'600};  // a year

/// The id that the TXT records at _mta-sts.DOMAIN announce. Nothing where they announce no policy: none, two of them,
/// or one that is broken.
[[nodiscard]] std::optional<std::string> announced_sts_id(std::span<const std::string> txt_records);

/// "_mta-sts.example.jp"
[[nodiscard]] std::string sts_record_name(std::string_view domain);
/// "mta-sts.example.jp", whose /.well-known/mta-sts.txt is the policy
[[nodiscard]] std::string sts_policy_host(std::string_view domain);

/// The text of a policy. Lines that nobody knows are passed over, of double ones the first counts.
/// Errors: invalid (says which line), limit.
[[nodiscard]] base::Result<StsPolicy> parse_sts_policy(std::string_view text);

/// As parse_sts_policy takes it: for keeping.
[[nodiscard]] std::string to_text(const StsPolicy& policy);

/// Whether the policy names this host (section 4.1): "*.example.jp" is any one label before .example.jp, none and two
/// are not.
[[nodiscard]] bool lists(const StsPolicy& policy, std::string_view host);

}  // namespace todoku::authentication
