#include "mail/encoded_word.h"

#include <algorithm>

#include "base/ascii.h"
#include "mail/transfer_encoding.h"
#include "mail/utf8.h"

namespace todoku::mail {
namespace {

constexpr std::size_t kMaxWord = 75;
constexpr std::size_t kMaxLine = 76;
constexpr std::size_t kFrame = sizeof(
                                   "=?UTF-8?B?"
                                   "?=") -
                               1;
constexpr std::size_t kLeast = 12;  // room for one character in either encoding

constexpr bool bare_in_q(char c) {
  return base::ascii_alpha(c) || base::ascii_digit(c) || c == '!' || c == '*' || c == '+' || c == '-' || c == '/';
}

constexpr std::size_t q_cost(char c) { return bare_in_q(c) || c == ' ' ? 1 : 3; }

bool q_is_shorter(std::string_view text) {
  std::size_t q = 0;
  for (const char c : text) q += q_cost(c);
  return q <= (text.size() + 2) / 3 * 4;
}

void append_q(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char c : text) {
    if (c == ' ') {
      out += '_';
    } else if (bare_in_q(c)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '=';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
}

/// The text of one encoded-word.
struct Chunk {
  std::size_t bytes = 0;
  bool q = false;
};

std::size_t character_length(std::string_view text, std::size_t at) {
  return std::min(utf8_sequence_length(static_cast<unsigned char>(text[at])), text.size() - at);
}

Chunk q_chunk(std::string_view text, std::size_t room) {
  std::size_t used = 0;
  std::size_t bytes = 0;
  while (bytes < text.size()) {
    const std::size_t length = character_length(text, bytes);
    for (std::size_t i = 0; i < length; ++i) used += q_cost(text[bytes + i]);
    if (used > room) break;
    bytes += length;
  }
  return {bytes, true};
}

/// Only the last word may need padding: readers that join the words before they decode them, such as GMime, drop what
/// stands after it. Where no multiple of three bytes ends a character, the first character goes into a word in Q, and
/// the rest is in step again.
Chunk b_chunk(std::string_view text, std::size_t room) {
  std::size_t bytes = 0;
  std::size_t unpadded = 0;
  while (bytes < text.size()) {
    const std::size_t next = bytes + character_length(text, bytes);
    if ((next + 2) / 3 * 4 > room) break;
    bytes = next;
    if (bytes % 3 == 0) unpadded = bytes;
  }
  if (bytes == text.size()) return {bytes, false};
  if (unpadded > 0) return {unpadded, false};
  return {character_length(text, 0), true};
}

}  // namespace

void append_encoded_words(std::string& out, std::string_view text, std::size_t column) {
  const bool q = q_is_shorter(text);
  while (true) {
    const std::size_t left = kMaxLine - std::min(column, kMaxLine);
    if (left < kFrame + kLeast) {
      // A line that already ends in a blank is folded before it.
      if (!out.empty() && out.back() == ' ') out.pop_back();
      out += "\r\n ";
      column = 1;
      continue;
    }
    const std::size_t room = std::min(left, kMaxWord) - kFrame;
    const Chunk chunk = q ? q_chunk(text, room) : b_chunk(text, room);
    out += chunk.q ? "=?UTF-8?Q?" : "=?UTF-8?B?";
    if (chunk.q) {
      append_q(out, text.substr(0, chunk.bytes));
    } else {
      append_base64_unbroken(out, text.substr(0, chunk.bytes));
    }
    out += "?=";
    text.remove_prefix(chunk.bytes);
    if (text.empty()) return;
    out += "\r\n ";
    column = 1;
  }
}

}  // namespace todoku::mail
