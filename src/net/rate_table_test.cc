#include "net/rate_table.h"

#include <gtest/gtest.h>

namespace todoku::net {
namespace {

using namespace std::chrono_literals;
const RateTable::TimePoint kStart{1h};

TEST(RateTable, GivesABurstAndThenTheRate) {
  RateTable table({.per_minute = 60, .burst = 3});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(table.take("a", kStart));
  EXPECT_FALSE(table.holds("a", kStart));
  EXPECT_FALSE(table.take("a", kStart));
  EXPECT_TRUE(table.take("b", kStart)) << "others are not touched";
  EXPECT_FALSE(table.take("a", kStart + 900ms));
  EXPECT_TRUE(table.take("a", kStart + 1s));
  EXPECT_FALSE(table.take("a", kStart + 1s));
  EXPECT_TRUE(table.take("a", kStart + 1h, 3));
  EXPECT_FALSE(table.take("a", kStart + 1h)) << "never more than the burst, however long the rest";
}

TEST(RateTable, NeverGivesMoreThanTheRateInTheLongRun) {
  RateTable table({.per_minute = 30});
  int given = 0;
  for (auto now = kStart; now < kStart + 10min; now += 100ms) given += table.take("a", now) ? 1 : 0;
  EXPECT_GE(given, 30 * 10);
  EXPECT_LE(given, 30 * 11);
}

TEST(RateTable, WithoutARateThereIsNoLimit) {
  RateTable table({});
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(table.take("a", kStart));
  EXPECT_EQ(table.keys(), 0U);
}

TEST(RateTable, IsBoundedAndDoesNotForgetWhoFloods) {
  RateTable table({.per_minute = 10}, 100);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(table.take("flooder", kStart));
  for (int i = 0; i < 5000; ++i) EXPECT_TRUE(table.take("passer-by " + std::to_string(i), kStart + 1s));
  EXPECT_EQ(table.keys(), 100U);
  EXPECT_FALSE(table.take("flooder", kStart + 1s));
}

TEST(RateTable, ATimeThatGoesBackGivesNothing) {
  RateTable table({.per_minute = 1});
  EXPECT_TRUE(table.take("a", kStart + 1min));
  EXPECT_FALSE(table.take("a", kStart));
}

}  // namespace
}  // namespace todoku::net
