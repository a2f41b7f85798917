#include "delivery/suspension.h"

#include <algorithm>

namespace todoku::delivery {
namespace {

constexpr base::Duration kLongestRest = std::chrono::hours(6);
constexpr base::Duration kLongestTry = std::chrono::hours(1);  // then its answer is not waited for any more

}  // namespace

base::Time Suspension::free_at(base::Time now) const {
  if (!active_) return now;
  if (trying_) return try_at_ + kLongestTry;
  return std::max(now, try_at_);
}

void Suspension::take(base::Time now) {
  if (!active_) return;
  trying_ = true;
  try_at_ = now;
}

bool Suspension::blocked(base::Time now) {
  const bool begins = !active_;
  if (!begins && !trying_ && now < try_at_) return false;  // of a mail sent before it began
  rest_ = begins ? first_ : std::min(2 * rest_, std::max(kLongestRest, first_));
  active_ = true;
  trying_ = false;
  try_at_ = now + rest_;
  return begins;
}

void Suspension::adopt(base::Time try_at) {
  if (active_ && (trying_ || try_at <= try_at_)) return;
  if (!active_) rest_ = first_;
  active_ = true;
  try_at_ = try_at;
}

bool Suspension::lift() {
  const bool ends = active_;
  active_ = trying_ = false;
  return ends;
}

void Suspension::unclear(base::Time now) {
  if (!active_ || (!trying_ && now < try_at_)) return;
  trying_ = false;
  try_at_ = now + rest_;
}

bool Suspension::passed() {
  if (!active_ || !trying_) return false;
  active_ = trying_ = false;
  return true;
}

}  // namespace todoku::delivery
