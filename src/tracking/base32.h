// Lower-case base32 without padding (RFC 4648 section 6): what a local part and a URL carry unharmed.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace todoku::tracking {

[[nodiscard]] std::string to_base32(std::string_view bytes);

/// Either letter case. Nothing where a character is none of the alphabet, or the last bits are not zero: so that every
/// byte string has one spelling.
[[nodiscard]] std::optional<std::string> from_base32(std::string_view text);

}  // namespace todoku::tracking
