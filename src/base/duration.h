// Lengths of time as people write them: "1500ms", "30s", "5m", "4h", "3d"; a bare number is seconds.
#pragma once
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace todoku::base {

[[nodiscard]] Result<Duration> parse_duration(std::string_view text);

/// In the largest unit that leaves no rest.
[[nodiscard]] std::string to_text(Duration duration);

}  // namespace todoku::base
