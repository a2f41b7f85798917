// How many connections a receiver takes at once, where it does not tell: one fewer at each refusal, held there, and now
// and then one more is tried; longer and longer apart while that fails. No I/O, no clock.
#pragma once
#include "base/clock.h"

namespace todoku::delivery {

class ConnectionLimit {
 public:
  explicit ConnectionLimit(int most) : most_(most), allowed_(most) {}

  /// Connections that may be open or on their way now; at least 1.
  [[nodiscard]] int allowed(base::Time now) const { return allowed_ + (allowed_ < most_ && now >= look_at_ ? 1 : 0); }
  [[nodiscard]] bool lowered() const { return allowed_ < most_; }
  /// When allowed() grows by itself; now, if it has.
  [[nodiscard]] base::Time look_at() const { return look_at_; }

  /// A connection was taken, with which `open` are.
  void opened(int open, base::Time now);
  /// One was refused while `others` were open.
  void refused(int others, base::Time now);

 private:
  int most_;
  int allowed_;
  base::Time look_at_{};
  base::Duration hold_{kHold};  // before the next look after a refusal

  static constexpr base::Duration kHold{20'000};
  static constexpr base::Duration kLongestHold{160'000};
  static constexpr base::Duration kStep{1'000};  // between looks that succeed
};

}  // namespace todoku::delivery
