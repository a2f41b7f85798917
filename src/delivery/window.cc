#include "delivery/window.h"

#include <algorithm>
#include <cassert>

namespace todoku::delivery {

Window::Window(std::int64_t most, base::Duration span)
    : most_(std::max<std::int64_t>(most, 1)), span_(span), width_((span.count() + kSlices - 1) / kSlices) {
  assert(span.count() >= kSlices);
}

void Window::turn_to(base::Time now) {
  const std::int64_t number = now.time_since_epoch().count() / width_;
  if (number <= current_) return;
  if (number - current_ > kSlices) {
    slices_.fill(0);
    sum_ = 0;
  } else {
    for (std::int64_t next = current_ + 1; next <= number; ++next) {
      sum_ -= slice(next);
      slice(next) = 0;
    }
  }
  current_ = number;
}

base::Time Window::free_at(base::Time now) {
  turn_to(now);
  if (sum_ < most_) return now;
  // The slice under way is the last of forty-one; the oldest with mails in it must fall out.
  for (std::int64_t number = current_ - kSlices; number <= current_; ++number) {
    if (slice(number) > 0) return base::Time(base::Duration((number + kSlices + 1) * width_));
  }
  return now;
}

void Window::take(base::Time now) {
  turn_to(now);
  ++slice(current_);
  ++sum_;
}

void Window::give_back() {
  if (slice(current_) == 0) return;  // the slice is over: counting one too many is the safe side
  --slice(current_);
  --sum_;
}

std::int64_t Window::taken(base::Time now) {
  turn_to(now);
  return sum_;
}

}  // namespace todoku::delivery
