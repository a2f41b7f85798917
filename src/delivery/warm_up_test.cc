#include "delivery/warm_up.h"

#include <gtest/gtest.h>

#include "delivery/sign.h"

namespace todoku::delivery {
namespace {

using namespace std::chrono_literals;
constexpr base::Time kStart{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + 9h};
constexpr std::int64_t kPlan[] = {10, 20, 40};

/// A day on which there are `mails`; how many went out.
std::int64_t day(WarmUp& warm_up, int number, std::int64_t mails, Sign sign = Sign::taken, std::int64_t every = 1) {
  const base::Time now = kStart + number * 24h;
  std::int64_t sent = 0;
  while (sent < mails && warm_up.take(1, now) == 1) {
    const bool bad = ++sent % every == 0;
    warm_up.answered({.answers = 1, .slowed = bad && sign == Sign::slow_down, .blocked = bad && sign == Sign::blocked},
                     now);
  }
  return sent;
}

TEST(WarmUp, GrowsByThePlanAndThenHasNoCap) {
  WarmUp warm_up(kPlan);
  EXPECT_EQ(day(warm_up, 0, 1000), 10);
  EXPECT_EQ(day(warm_up, 1, 1000), 20);
  EXPECT_EQ(day(warm_up, 2, 1000), 40);
  EXPECT_EQ(day(warm_up, 3, 1000), 1000);
  EXPECT_EQ(warm_up.cap(kStart + 72h), -1);
}

TEST(WarmUp, StaysWhereTheDayWasNotUsedOrTheReceiverIsNotContent) {
  WarmUp warm_up(kPlan);
  EXPECT_EQ(day(warm_up, 0, 4), 4);
  EXPECT_EQ(day(warm_up, 1, 1000), 10) << "the first day proved nothing";
  EXPECT_EQ(day(warm_up, 2, 1000, Sign::slow_down, 19), 20);
  EXPECT_EQ(day(warm_up, 3, 1000), 10) << "5 % and more: back";
  EXPECT_EQ(day(warm_up, 4, 1000), 20);
  EXPECT_EQ(day(warm_up, 5, 1000, Sign::slow_down, 40), 40);
  EXPECT_EQ(day(warm_up, 6, 1000), 40) << "1 % and more: again";
}

TEST(WarmUp, ABlockEndsTheDay) {
  WarmUp warm_up(kPlan);
  day(warm_up, 0, 1000);
  day(warm_up, 1, 1000);
  EXPECT_EQ(day(warm_up, 2, 1000, Sign::blocked, 5), 5);
  EXPECT_EQ(day(warm_up, 3, 1000), 10);
}

TEST(WarmUp, GoesOnAfterARestart) {
  WarmUp before(kPlan);
  day(before, 0, 1000);
  day(before, 1, 15);
  WarmUp after(kPlan, before.state());
  EXPECT_EQ(day(after, 1, 1000), 5);
}

TEST(WarmUp, TakesAndGivesBackMailsTogether) {
  WarmUp warm_up(kPlan);
  EXPECT_EQ(warm_up.take(7, kStart), 7);
  EXPECT_EQ(warm_up.take(7, kStart), 3);
  warm_up.give_back(4, day_of(kStart));
  EXPECT_EQ(warm_up.take(7, kStart), 4);
  warm_up.give_back(4, day_of(kStart) - 1);
  EXPECT_EQ(warm_up.take(7, kStart), 0) << "yesterday's are gone";
}

TEST(WarmUp, TheStandardPlanGrowsEveryDay) {
  std::int64_t last = 0;
  for (const std::int64_t cap : standard_warm_up()) {
    EXPECT_GT(cap, last);
    EXPECT_LE(cap, std::max<std::int64_t>(2 * last, 50));
    last = cap;
  }
}

}  // namespace
}  // namespace todoku::delivery
