// Keys that we give to other programs: a name that people call it by, and a secret that is shown once.
#pragma once
#include <string>
#include <string_view>

namespace todoku::base {

/// Letters, digits, '.', '-' and '_', at most 64.
[[nodiscard]] bool is_key_name(std::string_view name);

/// `prefix` and 256 random bits in base64 for URLs; by the prefix a leaked one is known for what it is. Throws where
/// the system has no randomness.
[[nodiscard]] std::string new_key_secret(std::string_view prefix);

}  // namespace todoku::base
