#include "delivery/suspension.h"

#include <gtest/gtest.h>

#include "delivery/connection_limit.h"

namespace todoku::delivery {
namespace {

using namespace std::chrono_literals;
constexpr base::Time kStart{base::Duration{1'800'000'000'000}};

TEST(Suspension, LetsOneMailTryAtGrowingDistances) {
  Suspension rest(10min);
  EXPECT_EQ(rest.free_at(kStart), kStart);
  EXPECT_TRUE(rest.blocked(kStart));
  EXPECT_FALSE(rest.blocked(kStart + 1s)) << "answers to mails that were under way change nothing";
  base::Time now = kStart;
  for (const base::Duration wait : {base::Duration(10min), base::Duration(20min), base::Duration(40min)}) {
    EXPECT_EQ(rest.free_at(now), now + wait);
    now += wait;
    EXPECT_EQ(rest.free_at(now), now);
    rest.take(now);
    EXPECT_GT(rest.free_at(now), now) << "only one tries";
    EXPECT_FALSE(rest.blocked(now));
  }
  now = rest.try_at();
  rest.take(now);
  EXPECT_TRUE(rest.passed());
  EXPECT_FALSE(rest.active());
  EXPECT_EQ(rest.free_at(now), now);
  EXPECT_TRUE(rest.blocked(now));
  EXPECT_EQ(rest.try_at(), now + 10min) << "the next time begins anew";
}

TEST(Suspension, AMailSentBeforeDoesNotEndIt) {
  Suspension rest(10min);
  rest.blocked(kStart);
  EXPECT_FALSE(rest.passed());
  EXPECT_TRUE(rest.active());
}

TEST(Suspension, ATryWithoutAnAnswerIsRepeated) {
  Suspension rest(10min);
  rest.blocked(kStart);
  rest.take(kStart + 10min);
  rest.give_back();
  EXPECT_EQ(rest.free_at(kStart + 10min), kStart + 10min);
  rest.take(kStart + 10min);
  rest.unclear(kStart + 11min);
  EXPECT_EQ(rest.free_at(kStart + 11min), kStart + 21min);
}

TEST(ConnectionLimit, GoesDownAtOnceAndUpByOne) {
  ConnectionLimit limit(10);
  EXPECT_EQ(limit.allowed(kStart), 10);
  limit.refused(4, kStart);
  EXPECT_EQ(limit.allowed(kStart), 4);
  base::Time now = limit.look_at();
  EXPECT_EQ(limit.allowed(now), 5);
  limit.refused(4, now);
  EXPECT_GT(limit.look_at() - now, 20s) << "longer after a look that failed";
  now = limit.look_at();
  limit.opened(5, now);
  EXPECT_EQ(limit.allowed(now), 5);
  EXPECT_EQ(limit.allowed(now + 1s), 6);
  limit.refused(0, now);
  EXPECT_EQ(limit.allowed(now), 1);
}

}  // namespace
}  // namespace todoku::delivery
