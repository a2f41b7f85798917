// Time that nobody sets. The wall clock of a machine may jump by hours either way (an operator, NTP after a long
// outage, a virtual machine that was moved), and whoever waits for a moment by it waits for hours, or not at all.
#pragma once
#include <atomic>

#include "base/clock.h"

namespace todoku::base {

/// Counts from the machine's start, sleep included: good for comparing with itself, and for nothing else.
class SteadyClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override;
};

/// Starts at a given time and goes on with the time that passes. Whoever has a clock to go by calls follow() now and
/// then; so it comes to agree with it in the end, and never jumps. now() from any thread, follow() from one.
class EvenClock final : public Clock {
 public:
  explicit EvenClock(Time start);
  /// `passing` lives longer; for tests.
  EvenClock(Time start, const Clock& passing);

  [[nodiscard]] Time now() const override { return passing_.now() + Duration(ahead_); }

  /// Draws near to `reference`, by at most a two-hundredth of the time since the last call: waits are that much longer
  /// or shorter for a while.
  void follow(Time reference);

 private:
  const Clock& passing_;
  std::atomic<Duration::rep> ahead_;  // of passing_, in ms
  Time followed_;                     // by passing_
};

}  // namespace todoku::base
