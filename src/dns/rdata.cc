#include "dns/rdata.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace todoku::dns {
namespace {

constexpr std::size_t kNameLimit = 255, kLabelLimit = 63;
constexpr std::size_t kHeaderSize = 12, kQuestionSize = 4, kRecordSize = 10;  // without their names
constexpr int kNs = 2, kSoa = 6;

int byte(char c) { return static_cast<unsigned char>(c); }

void append_label(std::string_view label, std::string& out) {
  for (char c : label) {
    if (base::ascii_alpha(c) || base::ascii_digit(c) || c == '-' || c == '_') {
      out += base::ascii_lower(c);
    } else {
      auto number = std::to_string(byte(c));
      out += '\\' + std::string(3 - number.size(), '0') + number;
    }
  }
}

int number16(std::string_view text, std::size_t at) { return byte(text[at]) * 256 + byte(text[at + 1]); }

/// Takes a name, compressed or not, and `more` bytes off the front of `rest`; nothing where it is cut off. Returns
/// those bytes.
std::optional<std::string_view> skip_name(std::string_view& rest, std::size_t more) {
  std::size_t at = 0;
  while (at < rest.size() && byte(rest[at]) != 0 && byte(rest[at]) <= static_cast<int>(kLabelLimit)) {
    at += static_cast<std::size_t>(byte(rest[at])) + 1;
  }
  if (at >= rest.size()) return std::nullopt;
  at += byte(rest[at]) == 0 ? 1 : 2;  // the root, or a pointer
  if (at + more > rest.size()) return std::nullopt;
  const std::string_view found = rest.substr(at, more);
  rest.remove_prefix(at + more);
  return found;
}

}  // namespace

bool is_referral(std::string_view message) {
  if (message.size() < kHeaderSize) return false;
  const int questions = number16(message, 4);
  const int answers = number16(message, 6);
  const int authorities = number16(message, 8);
  const bool success = (byte(message[3]) & 15) == 0;
  std::string_view rest = message.substr(kHeaderSize);
  for (int i = 0; i < questions; ++i) {
    if (!skip_name(rest, kQuestionSize)) return false;
  }
  bool sent_on = false;
  for (int i = 0; success && answers == 0 && i < authorities; ++i) {
    const auto record = skip_name(rest, kRecordSize);
    if (!record || number16(*record, 0) == kSoa) return false;
    sent_on = sent_on || number16(*record, 0) == kNs;
    rest.remove_prefix(std::min(static_cast<std::size_t>(number16(*record, 8)), rest.size()));
  }
  return sent_on;
}

std::optional<std::string> parse_name(std::string_view wire) {
  if (wire.empty() || wire.size() > kNameLimit) return std::nullopt;
  std::string name;
  while (!wire.empty()) {
    auto length = static_cast<std::size_t>(byte(wire.front()));
    if (length == 0) return wire.size() == 1 ? std::optional(name.empty() ? "." : name) : std::nullopt;
    if (length > kLabelLimit || length >= wire.size()) return std::nullopt;
    if (!name.empty()) name += '.';
    append_label(wire.substr(1, length), name);
    wire.remove_prefix(length + 1);
  }
  return std::nullopt;
}

std::optional<MxRecord> parse_mx(std::string_view rdata) {
  if (rdata.size() < 3) return std::nullopt;
  auto host = parse_name(rdata.substr(2));
  if (!host) return std::nullopt;
  return MxRecord{byte(rdata[0]) * 256 + byte(rdata[1]), std::move(*host)};
}

std::optional<std::string> parse_address(std::string_view rdata) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (rdata.size() != 4 && rdata.size() != 16) return std::nullopt;
  inet_ntop(rdata.size() == 4 ? AF_INET : AF_INET6, rdata.data(), text.data(), text.size());
  return text.data();
}

std::optional<std::string> parse_txt(std::string_view rdata) {
  std::string text;
  while (!rdata.empty()) {
    auto length = static_cast<std::size_t>(byte(rdata.front()));
    if (length >= rdata.size()) return std::nullopt;
    text += rdata.substr(1, length);
    rdata.remove_prefix(length + 1);
  }
  return text;
}

std::optional<TlsaRecord> parse_tlsa(std::string_view rdata) {
  if (rdata.size() < 4) return std::nullopt;
  auto number = [&](std::size_t i) { return static_cast<std::uint8_t>(byte(rdata[i])); };
  return TlsaRecord{number(0), number(1), number(2), std::string(rdata.substr(3))};
}

std::optional<std::string> reverse_name(const std::string& address) {
  std::array<unsigned char, 16> bytes{};
  std::string name;
  if (inet_pton(AF_INET, address.c_str(), bytes.data()) == 1) {
    for (std::size_t i = 4; i-- > 0;) name += std::to_string(bytes[i]) + '.';
    return name + "in-addr.arpa";
  }
  if (inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) return std::nullopt;
  constexpr std::string_view kHex = "0123456789abcdef";
  for (std::size_t i = 16; i-- > 0;) {
    name += {kHex[bytes[i] & 15], '.'};
    name += {kHex[bytes[i] >> 4], '.'};
  }
  return name + "ip6.arpa";
}

bool is_domain_name(std::string_view name) {
  constexpr std::size_t kTextLimit = 253;
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.empty() || name.size() > kTextLimit) return false;
  auto odd = [](char c) { return byte(c) <= 0x20 || byte(c) >= 0x7f || c == '\\' || c == '"'; };
  if (std::ranges::any_of(name, odd)) return false;
  while (!name.empty()) {
    auto dot = std::min(name.find('.'), name.size());
    if (dot == 0 || dot > kLabelLimit) return false;
    bool last = dot == name.size();
    name.remove_prefix(last ? dot : dot + 1);
    if (!last && name.empty()) return false;
  }
  return true;
}

}  // namespace todoku::dns
