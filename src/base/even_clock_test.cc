#include "base/even_clock.h"

#include <gtest/gtest.h>

namespace todoku::base {
namespace {

using namespace std::chrono_literals;

const Time kWall = from_stored(1'700'000'000'000);

TEST(EvenClock, GoesOnWithTheTimeThatPasses) {
  ManualClock passing(Time{5s});
  const EvenClock clock(kWall, passing);
  EXPECT_EQ(clock.now(), kWall);
  passing.advance(90min);
  EXPECT_EQ(clock.now(), kWall + 90min);
}

TEST(EvenClock, DoesNotJumpWithItsReferenceButDrawsNearToIt) {
  for (const Duration jump : {Duration(3h), Duration(-3h)}) {
    ManualClock passing(Time{5s});
    EvenClock clock(kWall, passing);
    Time before = clock.now();
    for (int i = 0; i < 1000; ++i) {
      passing.advance(1s);
      clock.follow(kWall + std::chrono::seconds(i + 1) + jump);
      EXPECT_GE(clock.now() - before, 995ms);
      EXPECT_LE(clock.now() - before, 1005ms);
      before = clock.now();
    }
    EXPECT_EQ(clock.now() - (kWall + 1000s), jump > 0s ? 5s : -5s);
  }
}

TEST(EvenClock, AgreesWithItsReferenceInTheEnd) {
  ManualClock passing(Time{5s});
  EvenClock clock(kWall, passing);
  for (int i = 0; i < 20; ++i) {
    passing.advance(100ms);  // too short for a step each time
    clock.follow(kWall + 7ms + std::chrono::milliseconds(100 * (i + 1)));
  }
  EXPECT_EQ(clock.now(), kWall + 2s + 7ms);
}

TEST(SteadyClock, NeverGoesBack) {
  const SteadyClock clock;
  const Time first = clock.now();
  EXPECT_GT(first, Time{});
  EXPECT_GE(clock.now(), first);
}

}  // namespace
}  // namespace todoku::base
