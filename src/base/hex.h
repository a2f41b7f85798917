// Bytes in small hexadecimal digits.
#pragma once
#include <string>
#include <string_view>

namespace todoku::base {

[[nodiscard]] std::string to_hex(std::string_view bytes);

}  // namespace todoku::base
