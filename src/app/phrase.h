// Texts of the command line in both languages, and the way numbers and times are shown to people.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "bounce/explanation.h"

namespace todoku::app {

/// A text in Japanese and English; indexed by language.
struct Phrase {
  std::string_view ja;
  std::string_view en;
  [[nodiscard]] std::string_view in(bounce::Language language) const {
    return language == bounce::Language::ja ? ja : en;
  }
};

/// 1234567 → "1,234,567".
[[nodiscard]] std::string grouped(std::int64_t number);

/// Foreign text on one line: valid UTF-8, with nothing in it that a terminal obeys.
[[nodiscard]] std::string one_line(std::string_view foreign);

/// "12.3 %" of the whole; "–" where the whole is 0.
[[nodiscard]] std::string percent(std::int64_t part, std::int64_t whole);

/// In the local time zone with its name: "2026-11-24 16:20:05 JST".
[[nodiscard]] std::string local_time(base::Time time);

/// RFC 3339 in UTC, for JSON.
[[nodiscard]] std::string utc_time(base::Time time);

}  // namespace todoku::app
