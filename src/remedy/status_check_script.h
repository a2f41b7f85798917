// The script that member sites include in their pages; data/status_check/status-check.js.
#pragma once
#include <string_view>

namespace todoku::remedy {

[[nodiscard]] std::string_view status_check_script();

}  // namespace todoku::remedy
