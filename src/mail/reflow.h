// A mail with lines that are too long for a server, laid out anew: the same to whoever reads it.
//
// Header fields are folded at their blanks, where structured also behind commas and semicolons; a Subject without
// blanks becomes encoded-words (RFC 2047). Of the parts only those with such lines are touched: text becomes
// quoted-printable, anything else base64, base64 gets lines of 76. What a signature covers (multipart/signed) is left
// alone, and is an error where it has such lines. Everything else stays byte for byte. (RFC 5322 sections 2.1.1
// and 2.2.3, RFC 2045)
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace todoku::mail {

inline constexpr std::size_t kLongestLine = 998;  // without CRLF
inline constexpr std::size_t kShortestLimit = 78;

/// `mail` has CRLF line ends.
[[nodiscard]] bool has_line_above(std::string_view mail, std::size_t limit);

/// `mail` with no line above `limit` (at least kShortestLimit) bytes; has CRLF line ends, and the result too. Errors:
/// `invalid`, for what cannot be folded or encoded without changing it; `limit`, where parts are nested too deep.
[[nodiscard]] base::Result<std::string> reflow(std::string_view mail, std::size_t limit);

}  // namespace todoku::mail
