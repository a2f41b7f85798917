#include "base/duration.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <system_error>
#include <utility>

namespace todoku::base {
namespace {

// The largest first; the bare number, for reading only, last.
constexpr std::pair<std::string_view, std::int64_t> kUnits[] = {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000},
                                                                {"s", 1000},       {"ms", 1},        {"", 1000}};

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + digits, number);
  const bool read = digits > 0 && problem == std::errc{};
  for (const auto& [name, factor] : kUnits) {
    if (read && text.substr(digits) == name && number <= INT64_MAX / factor) return Duration(number * factor);
  }
  return Error{ErrorCode::invalid, "'" + std::string(text) + "' is not a time", "write 1500ms, 30s, 5m, 4h or 3d", ""};
}

std::string to_text(Duration duration) {
  if (duration.count() == 0) return "0s";
  for (const auto& [name, factor] : kUnits) {
    if (duration.count() % factor == 0) return std::to_string(duration.count() / factor) + std::string(name);
  }
  return std::to_string(duration.count()) + "ms";
}

}  // namespace todoku::base
