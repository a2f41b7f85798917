#include "net/proxy_header.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace todoku::net {
namespace {

constexpr std::string_view kSignature("\r\n\r\n\0\r\nQUIT\n", 12);  // of version 2
constexpr std::size_t kFixed = 16;                                  // signature, command, family, length
constexpr std::size_t kLongestBinary = kFixed + 4096;
constexpr std::size_t kShortestText = 15;  // "PROXY UNKNOWN\r\n"
constexpr std::size_t kLongestText = 107;

/// As inet_ntop writes it; an IPv4 address that is mapped into IPv6 as IPv4.
std::string in_numbers(int family, std::string_view bytes) {
  constexpr std::string_view kMapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
  if (family == AF_INET6 && bytes.starts_with(kMapped)) return in_numbers(AF_INET, bytes.substr(kMapped.size()));
  std::array<char, INET6_ADDRSTRLEN> text{};
  return ::inet_ntop(family, bytes.data(), text.data(), text.size());
}

/// Nothing where it is no address.
std::optional<std::string> normal(int family, const std::string& text) {
  std::string address(sizeof(in6_addr), '\0');
  if (::inet_pton(family, text.c_str(), address.data()) != 1) return std::nullopt;
  return in_numbers(family, address);
}

unsigned byte(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

}  // namespace

std::size_t ProxyHeader::wanted() const {
  if (state_ != State::more) return 0;
  if (!header_.starts_with(kSignature[0])) return header_.size() < kShortestText ? kShortestText - header_.size() : 1;
  if (header_.size() < kFixed) return kFixed - header_.size();
  return kFixed + (byte(header_, 14) << 8) + byte(header_, 15) - header_.size();
}

ProxyHeader::State ProxyHeader::read(std::string_view bytes) {
  if (state_ != State::more || bytes.empty()) return state_;
  header_ += bytes.substr(0, wanted());
  return state_ = header_.starts_with(kSignature[0]) ? read_binary() : read_text();
}

ProxyHeader::State ProxyHeader::read_text() {
  constexpr std::string_view kStart = "PROXY ";
  const std::string_view header = header_;
  const std::size_t compared = std::min(header.size(), kStart.size());
  if (header.substr(0, compared) != kStart.substr(0, compared) || header.size() > kLongestText) return State::broken;
  const std::size_t end = header.find('\n');
  if (end == header.npos) return header.size() == kLongestText ? State::broken : State::more;
  if (end + 1 != header.size() || header[end - 1] != '\r') return State::broken;
  std::string_view rest = header.substr(kStart.size(), end - 1 - kStart.size());
  if (rest == "UNKNOWN" || rest.starts_with("UNKNOWN ")) return State::done;
  const int family = rest.starts_with("TCP4 ") ? AF_INET : rest.starts_with("TCP6 ") ? AF_INET6 : AF_UNSPEC;
  if (family == AF_UNSPEC) return State::broken;
  rest.remove_prefix(5);
  if (std::ranges::count(rest, ' ') != 3) return State::broken;  // source, destination, two ports
  client_ = normal(family, std::string(rest.substr(0, rest.find(' '))));
  return client_ ? State::done : State::broken;
}

ProxyHeader::State ProxyHeader::read_binary() {
  const std::string_view header = header_;
  const std::size_t compared = std::min(header.size(), kSignature.size());
  if (header.substr(0, compared) != kSignature.substr(0, compared)) return State::broken;
  if (header.size() < kFixed) return State::more;
  const unsigned command = byte(header, 12), family = byte(header, 13);
  const std::size_t length = (byte(header, 14) << 8) + byte(header, 15);
  if (command != 0x20 && command != 0x21) return State::broken;  // version 2, LOCAL or PROXY
  if (kFixed + length > kLongestBinary) return State::broken;
  if (header.size() < kFixed + length) return State::more;
  if (command == 0x20) return State::done;
  const std::string_view addresses = header.substr(kFixed);
  if (family == 0x11 && length >= 12) client_ = in_numbers(AF_INET, addresses);
  if (family == 0x21 && length >= 36) client_ = in_numbers(AF_INET6, addresses);
  return (family == 0x11 || family == 0x21) && !client_ ? State::broken : State::done;
}

}  // namespace todoku::net
