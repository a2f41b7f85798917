#include "delivery/openings.h"

#include <gtest/gtest.h>

namespace todoku::delivery {
namespace {

using namespace std::chrono_literals;

TEST(Openings, OneThatTakesLongLeavesItsPlaceUntilItEnds) {
  Openings openings(2s, 10);
  const Openings::Clock::time_point start{};
  const auto first = openings.begin(start);
  const auto second = openings.begin(start + 1s);
  EXPECT_EQ(openings.look(start + 1999ms), 0U);
  EXPECT_EQ(openings.look(start + 2s), 1U);
  EXPECT_EQ(openings.left(), 1U);
  EXPECT_EQ(openings.look(start + 2s), 0U) << "told once";
  openings.end(first);
  EXPECT_EQ(openings.left(), 0U);
  openings.end(second);
  EXPECT_EQ(openings.under_way(), 0U);
}

TEST(Openings, NoMoreThanAllowedLeave) {
  Openings openings(2s, 2);
  const Openings::Clock::time_point start{};
  const auto first = openings.begin(start);
  (void)openings.begin(start);
  (void)openings.begin(start);
  EXPECT_EQ(openings.look(start + 3s), 2U);
  EXPECT_EQ(openings.left(), 2U);
  openings.end(first);
  EXPECT_EQ(openings.look(start + 3s), 1U) << "one may go as another came back";
  EXPECT_EQ(openings.left(), 2U);
}

}  // namespace
}  // namespace todoku::delivery
