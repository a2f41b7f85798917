#include "mail/utf8.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace todoku::mail {
namespace {

constexpr std::uint64_t kHighBits = 0x8080808080808080u;

std::size_t ascii_prefix(std::string_view text) {
  std::size_t at = 0;
  for (std::uint64_t block = 0; at + sizeof block <= text.size(); at += sizeof block) {
    std::memcpy(&block, text.data() + at, sizeof block);
    if ((block & kHighBits) != 0) break;
  }
  while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) ++at;
  return at;
}

/// What may follow a lead byte (RFC 3629 section 4): the sequence's length, and the second byte's range.
struct Lead {
  std::size_t length;  // 0: no lead byte
  unsigned char low;
  unsigned char high;
};

constexpr Lead lead_of(unsigned char c) {
  if (c < 0x80) return {1, 0, 0};
  if (c < 0xC2 || c > 0xF4) return {0, 0, 0};
  if (c < 0xE0) return {2, 0x80, 0xBF};
  if (c < 0xF0)
    return {3, c == 0xE0 ? static_cast<unsigned char>(0xA0) : static_cast<unsigned char>(0x80),
            c == 0xED ? static_cast<unsigned char>(0x9F) : static_cast<unsigned char>(0xBF)};
  return {4, c == 0xF0 ? static_cast<unsigned char>(0x90) : static_cast<unsigned char>(0x80),
          c == 0xF4 ? static_cast<unsigned char>(0x8F) : static_cast<unsigned char>(0xBF)};
}

/// How many of the first `lead.length` bytes are there and right.
std::size_t good_bytes(std::string_view text, const Lead& lead) {
  if (lead.length == 0) return 0;
  std::size_t n = 1;
  for (; n < lead.length && n < text.size(); ++n) {
    const auto c = static_cast<unsigned char>(text[n]);
    if (n == 1 ? c < lead.low || c > lead.high : !utf8_continuation(text[n])) break;
  }
  return n;
}

}  // namespace

std::size_t utf8_valid_prefix(std::string_view text) {
  std::size_t at = 0;
  while (true) {
    at += ascii_prefix(text.substr(at));
    if (at == text.size()) return at;
    // Japanese text is runs of three-byte characters: stay in this loop while they last.
    do {
      const Lead lead = lead_of(static_cast<unsigned char>(text[at]));
      if (lead.length == 0 || good_bytes(text.substr(at, lead.length), lead) != lead.length) return at;
      at += lead.length;
    } while (at < text.size() && static_cast<unsigned char>(text[at]) >= 0x80);
  }
}

bool utf8_incomplete(std::string_view tail) {
  if (tail.empty() || tail.size() > 3) return false;
  const Lead lead = lead_of(static_cast<unsigned char>(tail[0]));
  return lead.length > tail.size() && good_bytes(tail, lead) == tail.size();
}

bool is_ascii(std::string_view text) { return ascii_prefix(text) == text.size(); }

std::size_t utf8_count(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return !utf8_continuation(c); }));
}

char32_t utf8_take(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  const Lead lead = lead_of(first);
  if (lead.length == 0 || good_bytes(text, lead) != lead.length) {
    text.remove_prefix(1);
    return kReplacement;
  }
  constexpr unsigned kLeadBits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  char32_t c = first & kLeadBits[lead.length];
  for (std::size_t i = 1; i < lead.length; ++i) c = (c << 6) | (static_cast<unsigned char>(text[i]) & 0x3Fu);
  text.remove_prefix(lead.length);
  return c;
}

void utf8_append(std::string& out, char32_t c) {
  if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) c = kReplacement;
  const auto put = [&out](char32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | (c >> 6));
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | (c >> 12));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | (c >> 18));
    put(0x80 | ((c >> 12) & 0x3F));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

std::string utf8_scrub(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t good = utf8_valid_prefix(text);
    out.append(text.substr(0, good));
    text.remove_prefix(good);
    if (!text.empty()) {
      utf8_append(out, kReplacement);
      text.remove_prefix(1);
    }
  }
  return out;
}

}  // namespace todoku::mail
