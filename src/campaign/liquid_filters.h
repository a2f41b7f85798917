// The filters of the merge language: {{ contact.name | default: "お客様" | upcase }}.
//
// None of them fails: an argument that makes no sense gives nil, so one odd field does not stop a mail. Text is counted
// in characters. Results live in the context's arena.
#pragma once
#include <array>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "campaign/liquid_value.h"

namespace todoku::campaign::liquid {

struct FilterContext {
  Arena& arena;
  base::Time now;                // what `"now" | date: …` means
  int utc_offset_minutes = 540;  // of dates shown
};

struct Filter {
  using Function = Value (*)(FilterContext& context, const Value& input, std::span<const Value> arguments);
  std::string_view name;
  std::size_t least;  // arguments
  std::size_t most;
  Function apply;
};

/// All of them, by name.
[[nodiscard]] std::span<const Filter> filters();
/// Null for a name that is none.
[[nodiscard]] const Filter* find_filter(std::string_view name);

inline constexpr std::size_t kMostArguments = 3;

/// `date`: a moment or date in any of the usual forms (2024-07-01, 2024/7/1, 2024年7月1日, with a time after it,
/// seconds since 1970, "now") by a strftime format; %Ea and %EA are the weekday in Japanese. Unreadable dates come back
/// as nil.
[[nodiscard]] Value format_date(FilterContext& context, const Value& input, std::string_view format);

}  // namespace todoku::campaign::liquid
