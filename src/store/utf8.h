// What the database takes as text: UTF-8 without NUL, the same on both engines.
#pragma once
#include <string>
#include <string_view>

namespace todoku::store {

/// Valid UTF-8 (RFC 3629: no surrogates, nothing overlong) without a NUL.
[[nodiscard]] bool is_storable_text(std::string_view text);

/// The text with U+FFFD in place of every byte that may not be stored; for what foreign hosts said.
[[nodiscard]] std::string to_storable_text(std::string_view text);

}  // namespace todoku::store
