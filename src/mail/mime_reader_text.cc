// The part of the reader that undoes transfer encodings and charsets.
#include <algorithm>
#include <array>
#include <cstdint>

#include "base/ascii.h"
#include "mail/charset.h"
#include "mail/mime_reader.h"
#include "mail/utf8.h"

namespace todoku::mail {
namespace {

constexpr std::array<std::int8_t, 256> base64_values() {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}
constexpr auto kBase64 = base64_values();

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = base::ascii_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// Past a soft line break's line end, given the position after its '='; `at` itself when it is none.
std::size_t after_soft_break(std::string_view text, std::size_t at) {
  std::size_t i = at;
  while (i < text.size() && (base::ascii_blank(text[i]) || text[i] == '\r')) ++i;
  if (i == text.size()) return i;
  return text[i] == '\n' ? i + 1 : at;
}

void unify_line_ends(std::string& text) {
  if (text.find('\r') == std::string::npos && text.find('\0') == std::string::npos) return;
  std::size_t to = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '\r') {
      if (i + 1 < text.size() && text[i + 1] == '\n') continue;
      c = '\n';
    }
    text[to++] = c == '\0' ? ' ' : c;
  }
  text.resize(to);
}

bool shifts(std::string_view bytes) {
  return bytes.find("\x1b$") != std::string_view::npos || bytes.find("\x1b(") != std::string_view::npos;
}

/// What the bytes prove goes before what the header claims: UTF-8 under any name, ISO-2022-JP by its escapes.
std::string to_utf8(std::string bytes, std::string_view charset) {
  const bool seven_bits = is_ascii(bytes);
  if (seven_bits && shifts(bytes)) charset = base::istarts_with(charset, "iso-2022") ? charset : "iso-2022-jp";
  const bool stateful = base::istarts_with(charset, "iso-2022") || base::istarts_with(charset, "utf-7") ||
                        base::istarts_with(charset, "hz") || base::istarts_with(charset, "utf-16");
  if (!stateful && (seven_bits || is_utf8(bytes))) return bytes;
  const bool told = !charset.empty() && !base::iequals(charset, "us-ascii") && !base::iequals(charset, "utf-8");
  if (told) {
    if (auto text = decode(bytes, charset, OnInvalid::replace)) return *std::move(text);
  }
  const std::string_view sample = std::string_view(bytes).substr(0, 16 * 1024);
  auto guess = detect_charset(sample, bytes.size() > sample.size());
  if (!guess) guess = detect_cyrillic(sample);
  if (auto text = decode(bytes, guess.value_or("windows-1252"), OnInvalid::replace)) return *std::move(text);
  return utf8_scrub(bytes);
}

}  // namespace

std::string decode_quoted_printable(std::string_view text, bool header) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t special = std::min(header ? text.find_first_of("=_", i) : text.find('=', i), text.size());
    out += text.substr(i, special - i);
    if (i = special; i == text.size()) break;
    if (text[i] == '_') {
      out += ' ';
    } else if (i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else if (const std::size_t next = after_soft_break(text, i + 1); next > i + 1 || i + 1 == text.size()) {
      i = next - 1;
    } else {
      out += '=';
    }
  }
  return out;
}

std::string decode_base64(std::string_view text) {
  std::string out;
  out.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    // NOLINTNEXTLINE(bugprone-signed-char-misuse): a small number, -1 for none
    const int value = kBase64[static_cast<unsigned char>(c)];
    if (c == '=') {  // padding ends a run; another may follow where texts were joined
      bits = 0;
      count = 0;
    }
    if (value < 0) continue;
    bits = bits << 6U | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> static_cast<unsigned>(count) & 0xffU);
  }
  return out;
}

std::string readable_text(std::string bytes, std::string_view charset) {
  std::string text = to_utf8(std::move(bytes), charset);
  unify_line_ends(text);
  return text;
}

std::string MimeReader::bytes(const MimePart& part, std::size_t limit) const {
  const std::string_view encoding = field(part, "Content-Transfer-Encoding");
  if (base::istarts_with(encoding, "base64")) return decode_base64(part.body.substr(0, limit / 3 * 4 + limit / 30));
  if (base::istarts_with(encoding, "quoted-printable")) return decode_quoted_printable(part.body.substr(0, limit * 3));
  return std::string(part.body.substr(0, limit));
}

/// The charset of the mail's header (RFC 2047), for a program that does not name its text's and mostly uses one; only
/// of those that bytes alone do not tell from others.
std::string MimeReader::charset_of_header() const {
  for (const std::string_view name : {"Subject", "From"}) {
    const std::string_view value = field(top(), name);
    const std::size_t begin = value.find("=?");
    if (begin == std::string_view::npos) continue;
    const std::size_t end = value.find('?', begin + 2);
    const std::string_view charset = end == std::string_view::npos ? "" : value.substr(begin + 2, end - begin - 2);
    for (const std::string_view telling : {"euc-kr", "ks_c_", "gb", "big5", "koi8-", "windows-125", "iso-8859-"})
      if (base::istarts_with(charset, telling) && charset.size() < 40) return std::string(charset);
  }
  return {};
}

std::string MimeReader::text(const MimePart& part, std::size_t limit) const {
  const std::string_view content_type = field(part, "Content-Type");
  std::string charset = content_type.empty() ? std::string() : parameter_of(content_type, "charset");
  if (charset.empty()) charset = charset_of_header();
  return readable_text(bytes(part, limit), charset);
}

}  // namespace todoku::mail
