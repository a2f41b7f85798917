#include "app/serve/listen_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <charconv>
#include <string>

namespace todoku::app {
namespace {

bool is_address(const std::string& text) {
  in6_addr ignored{};
  return ::inet_pton(AF_INET, text.c_str(), &ignored) == 1 || ::inet_pton(AF_INET6, text.c_str(), &ignored) == 1;
}

}  // namespace

base::Result<net::Endpoint> parse_listen_address(std::string_view text) {
  const base::Error error{base::ErrorCode::invalid, fmt::format("'{}' is no address to listen at", text),
                          "write 127.0.0.1:8025, [::1]:8025, or a port alone for every address", ""};
  const std::size_t colon = text.rfind(':');
  std::string_view address = colon == std::string_view::npos ? "" : text.substr(0, colon);
  const std::string_view port = colon == std::string_view::npos ? text : text.substr(colon + 1);
  if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
  net::Endpoint at{address.empty() ? "::" : std::string(address), 0};
  const auto [end, problem] = std::from_chars(port.data(), port.data() + port.size(), at.port);
  if (problem != std::errc{} || end != port.data() + port.size() || port.empty()) return error;
  if (!is_address(at.address)) return error;
  return at;
}

bool is_loopback(std::string_view address) { return address.starts_with("127.") || address == "::1"; }

}  // namespace todoku::app
