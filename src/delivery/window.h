// No more than a number of mails in any stretch of a given length: a second, a minute, an hour, a day.
//
// Mails are counted in slices of a fortieth of the span. What is allowed is judged by the slice under way and the forty
// before it, which cover every stretch of the span that ends now; so the limit holds for every stretch, not only for
// those that begin at a full minute, and at least 40/41 of it can be used. No I/O; a few nanoseconds a mail.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>

#include "base/clock.h"

namespace todoku::delivery {

class Window {
 public:
  /// At least one mail; a span of 40 ms and more.
  Window(std::int64_t most, base::Duration span);

  /// Now, if one more may be sent, else the first moment at which that may be. Time never runs backwards here: an
  /// earlier `now` counts as the latest one seen.
  [[nodiscard]] base::Time free_at(base::Time now);
  void take(base::Time now);
  /// The last take() was for nothing.
  void give_back();

  [[nodiscard]] std::int64_t most() const { return most_; }
  /// From now on; at least one.
  void set_most(std::int64_t most) { most_ = std::max<std::int64_t>(most, 1); }
  [[nodiscard]] base::Duration span() const { return span_; }
  /// Mails in the span that ends now.
  [[nodiscard]] std::int64_t taken(base::Time now);

 private:
  static constexpr std::int64_t kSlices = 40;

  void turn_to(base::Time now);
  [[nodiscard]] std::int64_t& slice(std::int64_t number) {
    return slices_[static_cast<std::size_t>(number % (kSlices + 1))];
  }

  std::int64_t most_;
  base::Duration span_;
  std::int64_t width_;        // of a slice, in milliseconds
  std::int64_t current_ = 0;  // number of the slice under way, counted from 1970
  std::int64_t sum_ = 0;
  std::array<std::int64_t, kSlices + 1> slices_{};
};

}  // namespace todoku::delivery
