// The addresses and networks that mail in our name may come from.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace todoku::intake::spoofing {

class OwnSources {
 public:
  OwnSources() = default;
  /// Each "192.0.2.1", "192.0.2.0/24", "2001:db8::/32". Errors: `invalid`.
  [[nodiscard]] static base::Result<OwnSources> make(std::span<const std::string> networks);
  /// `address` in numbers; false for what is none.
  [[nodiscard]] bool contain(std::string_view address) const;

 private:
  struct Network {
    std::array<std::uint8_t, 16> bytes;  // IPv4 as mapped to IPv6
    int bits;
  };
  std::vector<Network> networks_;
};

/// Of the internet at large: not private, local, or kept for other ends (RFC 6890); documentation's count as public.
[[nodiscard]] bool is_public_address(std::string_view address);

}  // namespace todoku::intake::spoofing
