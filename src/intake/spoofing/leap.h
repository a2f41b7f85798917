// Whether a day's mails in our name are more than usual, by the days before. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <span>

namespace todoku::intake::spoofing {

struct LeapLimits {
  std::int64_t least = 50;     // fewer mails are no leap
  std::int64_t strange = 500;  // so many are one even where there is little history
  std::size_t history = 3;     // days that make a history
  double times_usual = 3;      // above the mean of the days before,
  double times_highest = 1.5;  // and above the highest of them
};

/// `before`: each day since the first, the one before today last, days without any as 0. The usual number where
/// `today` leaps above it; else nothing.
[[nodiscard]] std::optional<double> usual_if_leapt(const LeapLimits& limits, std::span<const std::int64_t> before,
                                                   std::int64_t today);

}  // namespace todoku::intake::spoofing
