#include "bounce/address_scan.h"

#include <algorithm>

#include "base/ascii.h"

namespace todoku::bounce {
namespace {

constexpr std::size_t kLongestLocal = 256;
constexpr std::size_t kLongestDomain = 255;

constexpr bool high(char c) { return static_cast<unsigned char>(c) >= 0x80; }

constexpr bool local_char(char c) {
  if (base::ascii_alpha(c) || base::ascii_digit(c)) return true;
  return std::string_view("!#$%&'*+-/=?^_`{|}~.").find(c) != std::string_view::npos;
}

constexpr bool domain_char(char c) {
  return base::ascii_alpha(c) || base::ascii_digit(c) || c == '.' || c == '-' || c == '_' || c == '#';
}

/// 2 where a letter of Latin, Greek or Cyrillic ends at `at`, which may stand among ASCII in an address; the scripts of
/// East Asia, which leave no blanks around one, are three bytes long.
std::size_t letter_before(std::string_view text, std::size_t at, std::size_t floor) {
  if (at < floor + 2 || !high(text[at - 1]) || !high(text[at - 2])) return 0;
  const auto lead = static_cast<unsigned char>(text[at - 2]);
  return lead >= 0xc3 && lead <= 0xd3 ? 2 : 0;
}

/// Start of the local part that ends at `at`: ASCII, or where none stands there, whatever letters do.
std::size_t local_begin(std::string_view text, std::size_t at, std::size_t floor) {
  if (at > floor && text[at - 1] == '"') {
    const std::size_t quote = text.substr(floor, at - 1 - floor).rfind('"');
    const std::size_t begin = quote == std::string_view::npos ? at : floor + quote;
    return text.substr(begin, at - begin).find('\n') == std::string_view::npos ? begin : at;
  }
  std::size_t begin = at;
  while (begin > floor && (local_char(text[begin - 1]) || letter_before(text, begin, floor) > 0)) {
    begin -= local_char(text[begin - 1]) ? 1 : letter_before(text, begin, floor);
  }
  if (begin != at) return begin;
  while (begin > floor && (local_char(text[begin - 1]) || high(text[begin - 1]))) --begin;
  return begin;
}

std::size_t domain_end(std::string_view text, std::size_t begin) {
  const std::size_t ceiling = std::min(text.size(), begin + kLongestDomain);
  std::size_t end = begin;
  if (end < ceiling && text[end] == '[') {
    const std::size_t close = text.substr(begin, 60).find(']');
    return close == std::string_view::npos ? begin : begin + close + 1;
  }
  while (end < ceiling && (domain_char(text[end]) || letter_before(text, std::min(end + 2, text.size()), end) > 0)) {
    end += domain_char(text[end]) ? 1 : 2;
  }
  if (end == begin || (end < ceiling && high(text[end]) && text[end - 1] == '.')) {
    while (end < ceiling && (domain_char(text[end]) || high(text[end]))) ++end;
  }
  while (end > begin && (text[end - 1] == '.' || text[end - 1] == '-' || text[end - 1] == '_')) --end;
  return end;
}

/// Past what stands glued before an address and is none of it.
std::size_t past_prefix(std::string_view text, std::size_t begin, std::size_t at) {
  while (begin < at && (text[begin] == '\'' || text[begin] == '.' || text[begin] == '*' || text[begin] == '`')) ++begin;
  const std::string_view local = text.substr(begin, at - begin);
  for (const std::string_view prefix :
       {"smtp=", "mailto=", "to=", "rcpt=", "rcptto=", "email=", "recipient=", "address=", "addr=", "user="}) {
    if (base::istarts_with(local, prefix)) return begin + prefix.size();
  }
  return begin;
}

/// An X.400 name in a mail address (RFC 2156), blanks and all: "/G=Jo/S=Neko/ADMD=gold 400/C=GB/@gateway.example".
/// Empty where the value is none.
std::string_view x400_address(std::string_view value) {
  const std::size_t at = value.find("/@");
  if (!value.starts_with('/') || at == std::string_view::npos || at > kLongestLocal) return {};
  const std::string_view name = value.substr(0, at);
  if (name.find('=') == std::string_view::npos || name.find_first_of("<>\n@") != std::string_view::npos) return {};
  const std::size_t domain = at + 2;
  const std::size_t end = domain_end(value, domain);
  return end == domain ? std::string_view() : value.substr(0, end);
}

}  // namespace

std::vector<FoundAddress> find_addresses(std::string_view text, std::size_t limit) {
  std::vector<FoundAddress> out;
  std::size_t floor = 0;
  for (std::size_t at = text.find('@'); at != std::string_view::npos && out.size() < limit;
       at = text.find('@', at + 1)) {
    std::size_t lowest = std::max(floor, at > kLongestLocal ? at - kLongestLocal : 0);
    const std::size_t open = text.substr(lowest, at - lowest).find_last_of("<>\n ");
    std::size_t begin = 0;
    std::size_t end = 0;
    const bool bracketed = open != std::string_view::npos && text[lowest + open] == '<';
    if (bracketed) {
      begin = lowest + open + 1;
      const std::size_t close = text.substr(at, kLongestDomain).find_first_of("> \n\t");
      end = close == std::string_view::npos || text[at + close] != '>' ? domain_end(text, at + 1) : at + close;
      if (const std::size_t colon = text.substr(begin, at - begin).rfind(':'); colon != std::string_view::npos) {
        begin += colon + 1;  // a source route, or "mailto:"
      }
    } else {
      begin = past_prefix(text, local_begin(text, at, lowest), at);
      end = domain_end(text, at + 1);
    }
    floor = std::max(floor, at + 1);
    if (begin >= at || end <= at + 1) continue;
    if (!bracketed && text.substr(begin).starts_with("//")) continue;  // a link that holds one
    out.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), bracketed});
    floor = end;
  }
  return out;
}

std::string address_of_field(std::string_view value) {
  value = base::trim(value);
  if (const std::size_t semicolon = value.find(';'); semicolon != std::string_view::npos && semicolon < 20 &&
                                                     value.substr(0, semicolon).find('@') == std::string_view::npos) {
    value = base::trim(value.substr(semicolon + 1));
  }
  if (const std::string_view x400 = x400_address(value); !x400.empty()) return std::string(x400);
  const auto found = find_addresses(value, 1);
  if (!found.empty()) return std::string(found.front().in(value));
  if (const std::size_t open = value.find('<'); open != std::string_view::npos) {
    value.remove_prefix(open + 1);
    value = value.substr(0, value.find('>'));
  }
  return std::string(base::trim(value.substr(0, value.find_first_of(" \t\r\n"))));
}

std::string unquoted_address(std::string address) {
  const std::size_t at = address.rfind('@');
  if (at == std::string::npos || at < 2 || address.front() != '"' || address[at - 1] != '"') return address;
  std::string out;
  for (std::size_t i = 1; i + 1 < at; ++i) {
    if (address[i] == '\\' && i + 2 < at) ++i;
    if (!local_char(address[i])) return address;
    out += address[i];
  }
  return out + address.substr(at);
}

}  // namespace todoku::bounce
