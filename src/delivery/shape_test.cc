#include "delivery/shape.h"

#include <gtest/gtest.h>

namespace todoku::delivery {
namespace {

using namespace std::chrono_literals;
using Change = Shape::Change;
constexpr base::Time kStart{base::Duration{1'800'000'000'000}};

Allowance allowance(const provider::Limits& limits, const provider::Provider* provider = nullptr) {
  Allowance made;
  made.limits = limits;
  made.provider = provider;
  return made;
}

/// A connection that is open.
std::size_t open(Shape& shape, base::Time now = kStart) {
  const auto opening = shape.connect(now);
  EXPECT_TRUE(opening.granted);
  shape.opened(opening.source, now);
  return opening.source;
}

TEST(Shape, AllowsWhatNothingForbids) {
  Shape shape(allowance({.connections = 2}));
  const std::size_t source = open(shape);
  open(shape);
  EXPECT_FALSE(shape.connect(kStart).granted);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(shape.ask(source, kStart), kStart);
  EXPECT_EQ(shape.speed(), 0);
  shape.closed(source);
  EXPECT_TRUE(shape.connect(kStart).granted);
}

TEST(Shape, OpensNoConnectionWhileNoMailMayGo) {
  Shape shape(allowance({.mails_per_minute = 1}));
  const std::size_t source = open(shape);
  EXPECT_EQ(shape.ask(source, kStart), kStart);
  const auto opening = shape.connect(kStart);
  EXPECT_FALSE(opening.granted);
  EXPECT_GE(opening.again, kStart + 1min);
  EXPECT_EQ(shape.ask(source, kStart), opening.again);
  shape.unsent(source);
  EXPECT_EQ(shape.ask(source, kStart), kStart) << "what was not sent is not counted";
}

TEST(Shape, NeedsNoConnectionWhileOneWaitsForItsTurn) {
  Shape shape(allowance({.mails_per_second = 1}));
  const std::size_t source = open(shape);
  EXPECT_EQ(shape.ask(source, kStart), kStart);
  EXPECT_GT(shape.ask(source, kStart), kStart);
  shape.falls_asleep();
  EXPECT_FALSE(shape.connect(kStart).granted);
  shape.wakes();
  EXPECT_TRUE(shape.connect(kStart).granted);
}

TEST(Shape, ABlockSuspendsAndATryLifts) {
  Shape shape(allowance({.blocked = 10min}));
  const std::size_t source = open(shape);
  EXPECT_EQ(shape.ask(source, kStart), kStart);
  EXPECT_EQ(shape.answered(source, {.sign = Sign::blocked, .of_the_sender = true}, kStart, kStart), Change::suspended);
  EXPECT_TRUE(shape.suspended());
  EXPECT_EQ(shape.ask(source, kStart), kStart + 10min);
  shape.closed(source);
  const auto opening = shape.connect(kStart);
  EXPECT_EQ(opening.again, kStart + 10min);
  const base::Time later = kStart + 10min;
  EXPECT_TRUE(shape.connect(later).granted);
  EXPECT_FALSE(shape.connect(later).granted) << "one connection tries";
  shape.opened(0, later);
  EXPECT_EQ(shape.ask(0, later), later);
  EXPECT_GT(shape.ask(0, later), later) << "one mail";
  EXPECT_EQ(shape.answered(0, {.sign = Sign::taken}, later, later), Change::lifted);
  EXPECT_FALSE(shape.pace().open()) << "slow start";
}

TEST(Shape, AConnectionThatIsRefusedAsBlockedIsATryThatFailed) {
  Shape shape(allowance({.blocked = 10min}));
  ASSERT_TRUE(shape.connect(kStart).granted);
  const Answer blocked{.sign = Sign::blocked, .of_the_sender = true};
  EXPECT_EQ(shape.refused(0, blocked, kStart), Change::suspended);
  const base::Time later = kStart + 10min;
  ASSERT_TRUE(shape.connect(later).granted);
  EXPECT_EQ(shape.refused(0, blocked, later), Change::none);
  EXPECT_EQ(shape.rests_until(), later + 20min);
  EXPECT_EQ(shape.connections(), 0);
}

TEST(Shape, ABlockAtOneRecipientMayBeTheirOwn) {
  Shape shape(allowance({}));
  const std::size_t source = open(shape);
  const Answer blocked{.sign = Sign::blocked};
  EXPECT_EQ(shape.answered(source, blocked, kStart, kStart), Change::none);
  EXPECT_EQ(shape.answered(source, {.sign = Sign::taken}, kStart, kStart), Change::none);
  EXPECT_EQ(shape.answered(source, blocked, kStart, kStart), Change::none);
  EXPECT_EQ(shape.answered(source, blocked, kStart, kStart), Change::none);
  EXPECT_EQ(shape.answered(source, blocked, kStart, kStart), Change::suspended);
}

TEST(Shape, TheProvidersOwnWordsPauseIt) {
  provider::Provider yahoo;
  yahoo.back_offs = {{.says = {"tss04"}, .code = "421", .pause = 2h}, {.says = {}, .code = "450", .pause = 1min}};
  Shape shape(allowance({}, &yahoo));
  const std::size_t source = open(shape);
  const Answer slow{.sign = Sign::slow_down, .code = 421, .text = "421 4.7.0 [TSS04] Messages deferred"};
  EXPECT_EQ(shape.answered(source, slow, kStart, kStart), Change::paused);
  EXPECT_EQ(shape.ask(source, kStart), kStart + 2h);
  EXPECT_EQ(shape.rests_until(), kStart + 2h);
  EXPECT_EQ(shape.answered(source, {.sign = Sign::slow_down, .code = 421, .text = "421 other"}, kStart, kStart + 3h),
            Change::none);
  EXPECT_EQ(shape.answered(source, {.sign = Sign::slow_down, .code = 450, .text = "450 any"}, kStart, kStart + 3h),
            Change::paused);
}

TEST(Shape, RefusedConnectionsAreRetriedSlower) {
  Shape shape(allowance({}));
  base::Time now = kStart;
  for (const base::Duration rest : {base::Duration(1s), base::Duration(2s), base::Duration(4s)}) {
    ASSERT_TRUE(shape.connect(now).granted);
    shape.refused(0, {.sign = Sign::too_many_connections, .of_the_sender = true}, now);
    EXPECT_EQ(shape.free_at(now), now + rest);
    now += rest;
  }
}

}  // namespace
}  // namespace todoku::delivery
