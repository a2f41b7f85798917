#include "delivery/warm_up_share.h"

#include <gtest/gtest.h>

namespace todoku::delivery {
namespace {

using namespace std::chrono_literals;
using base::Time;

constexpr Time kStart{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + 9h};
constexpr std::int64_t kToday = 20'781;

/// Asks, and hears that it may have this many.
WarmUpShare::Asking exchange(WarmUpShare& share, std::int64_t waiting, std::int64_t granted, Time now = kStart,
                             std::int64_t cap = 50) {
  WarmUpShare::Asking asking;
  EXPECT_TRUE(share.ask(waiting, now, asking));
  share.hear({.day = day_of(now), .granted = granted, .cap = cap});
  return asking;
}

TEST(WarmUpShare, BeginsNothingBeforeTheAccountWasHeard) {
  EXPECT_EQ(day_of(kStart), kToday);
  WarmUpShare share;
  EXPECT_TRUE(share.lacking(kStart));
  EXPECT_GT(share.free_at(kStart), kStart);
  EXPECT_LT(share.free_at(kStart), kStart + 1s);
  EXPECT_EQ(exchange(share, 100, 10).wanted, 10);
  EXPECT_EQ(share.free_at(kStart), kStart);
  EXPECT_FALSE(share.lacking(kStart));
}

TEST(WarmUpShare, TakesTheNextLotBeforeTheLastIsUsedUp) {
  WarmUpShare share;
  exchange(share, 1000, 10);
  WarmUpShare::Asking asking;
  for (int i = 0; i < 4; ++i) share.take();
  EXPECT_FALSE(share.ask(1000, kStart, asking)) << "six are enough";
  for (int i = 0; i < 2; ++i) share.take();
  EXPECT_EQ(exchange(share, 1000, 6).wanted, 6);
  EXPECT_FALSE(share.ask(3, kStart, asking)) << "ten for three";
}

TEST(WarmUpShare, LotsGrowWithTheCap) {
  WarmUpShare share;
  exchange(share, 5000, 10, kStart, 10'000);
  for (int i = 0; i < 10; ++i) share.take();
  EXPECT_EQ(exchange(share, 5000, 500, kStart, 10'000).wanted, 500);
}

TEST(WarmUpShare, WaitsForTheNextDayWhereTheCapIsReached) {
  WarmUpShare share;
  exchange(share, 100, 3);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(share.free_at(kStart), kStart);
    share.take();
  }
  EXPECT_EQ(share.free_at(kStart), kStart + 15h);
  EXPECT_FALSE(share.lacking(kStart));
  share.answered(Sign::taken, kStart);
  EXPECT_EQ(exchange(share, 100, 0).answers.answers, 1);
  EXPECT_EQ(share.free_at(kStart), kStart + 15h) << "telling answers changes nothing";
  const Time next = kStart + 15h;
  EXPECT_TRUE(share.lacking(next));
  EXPECT_GT(share.free_at(next), next);
  EXPECT_EQ(exchange(share, 100, 10, next, 100).wanted, 10);
  EXPECT_EQ(share.free_at(next), next);
}

TEST(WarmUpShare, YesterdaysMailsAreNotSentToday) {
  WarmUpShare share;
  exchange(share, 100, 10);
  const Time next = kStart + 15h;
  EXPECT_GT(share.free_at(next), next);
  exchange(share, 100, 0, next, 0);
  EXPECT_GT(share.free_at(next), next + 1h);
}

TEST(WarmUpShare, GivesBackWhatNobodyWaitsFor) {
  WarmUpShare share;
  exchange(share, 100, 10);
  share.take();
  WarmUpShare::Asking asking;
  EXPECT_FALSE(share.ask(0, kStart + 1s, asking)) << "the next batch may be on its way";
  EXPECT_FALSE(share.settled());
  ASSERT_TRUE(share.ask(0, kStart + 6s, asking));
  EXPECT_EQ(asking.unused, 9);
  EXPECT_EQ(asking.day, kToday);
  share.hear({.day = kToday, .granted = 0, .cap = 50});
  EXPECT_TRUE(share.settled());
  EXPECT_FALSE(share.ask(0, kStart + 20s, asking));
}

TEST(WarmUpShare, ABlockEndsTheDayAtOnce) {
  WarmUpShare share;
  exchange(share, 100, 10);
  share.take();
  share.answered(Sign::blocked, kStart);
  EXPECT_GT(share.free_at(kStart), kStart + 1h);
  EXPECT_TRUE(share.lacking(kStart)) << "the account is to know";
  EXPECT_EQ(exchange(share, 100, 0, kStart, 0).answers.blocked, 1);
  EXPECT_FALSE(share.lacking(kStart));
  EXPECT_EQ(share.free_at(kStart), kStart + 15h);
}

TEST(WarmUpShare, TellsAnswersAgainWhereNobodyHeardThem) {
  WarmUpShare share;
  exchange(share, 100, 10);
  for (int i = 0; i < 5; ++i) share.take();
  share.answered(Sign::slow_down, kStart);
  WarmUpShare::Asking asking;
  ASSERT_TRUE(share.ask(100, kStart, asking));
  share.answered(Sign::taken, kStart);
  share.missed(asking);
  const auto again = exchange(share, 100, 5);
  EXPECT_EQ(again.answers.answers, 2);
  EXPECT_EQ(again.answers.slowed, 1);
}

TEST(WarmUpShare, PastThePlanNothingIsAskedAnyMore) {
  WarmUpShare share;
  exchange(share, 100, 10, kStart, -1);
  WarmUpShare::Asking asking;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(share.free_at(kStart + 100h), kStart + 100h);
    share.take();
  }
  EXPECT_FALSE(share.ask(100, kStart + 100h, asking));
  EXPECT_FALSE(share.give_up(asking));
}

TEST(WarmUpShare, GivesAllBackAtTheEnd) {
  WarmUpShare share;
  exchange(share, 100, 10);
  share.take();
  share.answered(Sign::taken, kStart);
  WarmUpShare::Asking asking;
  ASSERT_TRUE(share.give_up(asking));
  EXPECT_EQ(asking.unused, 9);
  EXPECT_EQ(asking.answers.answers, 1);
  EXPECT_FALSE(share.give_up(asking));
}

}  // namespace
}  // namespace todoku::delivery
