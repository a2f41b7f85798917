// "127.0.0.1:8025", "[::1]:8025", or a port alone for every address: where to listen, as settings have it.
#pragma once
#include <string_view>

#include "base/result.h"
#include "net/stream.h"

namespace todoku::app {

/// Errors: `invalid`; names are not looked up.
[[nodiscard]] base::Result<net::Endpoint> parse_listen_address(std::string_view text);

/// Of this machine: 127.0.0.0/8 or ::1.
[[nodiscard]] bool is_loopback(std::string_view address);

}  // namespace todoku::app
