#include "base/even_clock.h"

#include <algorithm>
#include <ctime>

namespace todoku::base {
namespace {

constexpr int kSlowness = 200;
const SteadyClock kSteady;

}  // namespace

Time SteadyClock::now() const {
  std::timespec since_start{};
  ::clock_gettime(CLOCK_BOOTTIME, &since_start);
  const auto exact = std::chrono::seconds(since_start.tv_sec) + std::chrono::nanoseconds(since_start.tv_nsec);
  return Time(std::chrono::duration_cast<Duration>(exact));
}

EvenClock::EvenClock(Time start) : EvenClock(start, kSteady) {}

EvenClock::EvenClock(Time start, const Clock& passing)
    : passing_(passing), ahead_((start - passing.now()).count()), followed_(passing.now()) {}

void EvenClock::follow(Time reference) {
  const Time passed = passing_.now();
  const Duration most = (passed - followed_) / kSlowness;
  if (most.count() == 0) return;  // what is less than a millisecond adds up
  followed_ = passed;
  ahead_ += std::clamp(reference - now(), -most, most).count();
}

}  // namespace todoku::base
