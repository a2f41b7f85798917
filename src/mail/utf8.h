// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace todoku::mail {

inline constexpr char32_t kReplacement = 0xFFFD;

/// The number of leading bytes that are well-formed UTF-8; text.size() where all of it is.
[[nodiscard]] std::size_t utf8_valid_prefix(std::string_view text);
[[nodiscard]] inline bool is_utf8(std::string_view text) { return utf8_valid_prefix(text) == text.size(); }

/// True where `tail` could become a character if more bytes came: a cut-off, so far well-formed sequence of 1–3 bytes.
[[nodiscard]] bool utf8_incomplete(std::string_view tail);

[[nodiscard]] bool is_ascii(std::string_view text);

/// Bytes of the character that starts with `lead`, in well-formed text.
constexpr std::size_t utf8_sequence_length(unsigned char lead) {
  return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

/// True for the second and later bytes of a character.
constexpr bool utf8_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// Characters (code points) in text; bytes that are not UTF-8 count in no defined way.
[[nodiscard]] std::size_t utf8_count(std::string_view text);

/// Takes one character off the front. A malformed byte comes back as kReplacement and is one byte long.
char32_t utf8_take(std::string_view& text);

void utf8_append(std::string& out, char32_t c);

/// The text with every malformed byte replaced by U+FFFD.
[[nodiscard]] std::string utf8_scrub(std::string_view text);

}  // namespace todoku::mail
