#include "mail/transfer_encoding.h"

#include <algorithm>
#include <array>

#include "mail/utf8.h"

namespace todoku::mail {
namespace {

constexpr std::size_t kMaxPlainLine = 998;  // RFC 5322 section 2.1.1
constexpr std::size_t kQuotedLine = 75;     // leaves a column for the soft break's "="
constexpr std::string_view kHex = "0123456789ABCDEF";
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t kBytesPerLine = 57;  // 76 characters

/// Letters that quoted-printable leaves as they are, wherever they stand.
constexpr auto kPlain = [] {
  std::array<bool, 256> table{};
  for (unsigned c = 0x21; c <= 0x7E; ++c) table[c] = c != '=';
  return table;
}();
constexpr bool is_plain(char c) { return kPlain[static_cast<unsigned char>(c)]; }

constexpr bool is_line_end(char c) { return c == '\r' || c == '\n'; }

/// The line up to, not including, its end; `rest` begins after it. False for a last line that has none.
bool take_line(std::string_view& rest, std::string_view& line) {
  const std::size_t end = rest.find_first_of("\r\n");
  line = rest.substr(0, end);
  if (end == rest.npos) {
    rest = {};
    return false;
  }
  rest.remove_prefix(end + (rest.substr(end).starts_with("\r\n") ? 2 : 1));
  return true;
}

/// One line's content; `ends` says that a hard line end follows, before which no blank may stand bare.
void quote_line(std::string& out, std::string_view line, bool ends) {
  std::size_t column = 0;
  for (std::size_t i = 0; i < line.size();) {
    const char c = line[i];
    const bool blank = (c == ' ' || c == '\t') && !(ends && i + 1 == line.size());
    // "From " at the beginning of a line is what mailbox files put a ">" before, which breaks signatures.
    const bool from = c == 'F' && column == 0 && line.substr(i).starts_with("From ");
    const bool literal = (is_plain(c) && !from) || blank;
    if (column + (literal ? 1 : 3) > kQuotedLine) {
      out += kSoftBreak;
      column = 0;
      continue;
    }
    if (!literal) {
      const auto byte = static_cast<unsigned char>(c);
      const char code[3] = {'=', kHex[byte >> 4], kHex[byte & 15]};
      out.append(code, 3);
      column += 3;
      ++i;
      continue;
    }
    std::size_t run = 1;
    const std::size_t most = std::min(line.size() - i, kQuotedLine - column);
    while (run < most && is_plain(line[i + run])) ++run;
    out.append(line, i, run);
    column += run;
    i += run;
  }
}

}  // namespace

std::string_view to_string(TransferEncoding encoding) {
  constexpr std::array<std::string_view, 3> kNames = {"7bit", "quoted-printable", "base64"};
  return kNames[static_cast<std::size_t>(encoding)];
}

TransferEncoding choose_encoding(std::string_view text) {
  bool plain = is_ascii(text) && text.find('\0') == text.npos;
  std::string_view rest = text;
  for (std::string_view line; plain && !rest.empty();) {
    take_line(rest, line);
    plain = line.size() <= kMaxPlainLine;
  }
  return plain ? TransferEncoding::seven_bit : shorter_encoding(text);
}

TransferEncoding shorter_encoding(std::string_view text) {
  const auto quoted = static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return !is_plain(c) && c != ' ' && !is_line_end(c); }));
  return text.size() + 2 * quoted <= (text.size() + 2) / 3 * 4 ? TransferEncoding::quoted_printable
                                                               : TransferEncoding::base64;
}

void append_crlf(std::string& out, std::string_view text) {
  for (std::string_view line; !text.empty();) {
    const bool ends = take_line(text, line);
    out += line;
    if (ends) out += "\r\n";
  }
}

void append_quoted_printable(std::string& out, std::string_view text) {
  for (std::string_view line; !text.empty();) {
    const bool ends = take_line(text, line);
    quote_line(out, line, ends);
    if (ends) out += "\r\n";
  }
}

void append_base64_unbroken(std::string& out, std::string_view bytes) {
  const std::size_t begin = out.size();
  out.resize(begin + (bytes.size() + 2) / 3 * 4, '=');
  char* to = out.data() + begin;
  std::size_t i = 0;
  const auto at = [&bytes](std::size_t k) { return static_cast<unsigned>(static_cast<unsigned char>(bytes[k])); };
  for (; i + 3 <= bytes.size(); i += 3) {
    const unsigned group = at(i) << 16 | at(i + 1) << 8 | at(i + 2);
    *to++ = kBase64[group >> 18];
    *to++ = kBase64[(group >> 12) & 63];
    *to++ = kBase64[(group >> 6) & 63];
    *to++ = kBase64[group & 63];
  }
  const std::size_t left = bytes.size() - i;
  if (left == 0) return;
  const unsigned group = at(i) << 16 | (left == 2 ? at(i + 1) << 8 : 0);
  *to++ = kBase64[group >> 18];
  *to++ = kBase64[(group >> 12) & 63];
  if (left == 2) *to++ = kBase64[(group >> 6) & 63];
}

void append_base64(std::string& out, std::string_view bytes) {
  out.reserve(out.size() + bytes.size() / kBytesPerLine * 78 + 80);
  for (std::size_t i = 0; i < bytes.size(); i += kBytesPerLine) {
    append_base64_unbroken(out, bytes.substr(i, kBytesPerLine));
    out += "\r\n";
  }
}

}  // namespace todoku::mail
