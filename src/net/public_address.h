// Which addresses are the internet's: a guard for whatever connects to where somebody else says.
#pragma once
#include <string>

namespace todoku::net {

/// Whether an address in numbers is neither this machine, nor a private or local network, nor reserved (the registries
/// of RFC 6890). An IPv6 address that wraps an IPv4 one is what that is. False for what is no address.
[[nodiscard]] bool is_public_address(const std::string& address);

}  // namespace todoku::net
