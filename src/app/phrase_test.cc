#include "app/phrase.h"

#include <gtest/gtest.h>

namespace todoku::app {
namespace {

TEST(Phrase, ShowsNumbersAsPeopleReadThem) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(-1234567), "-1,234,567");
  EXPECT_EQ(percent(1, 3), "33.3 %");
  EXPECT_EQ(percent(0, 0), "–");
}

TEST(Phrase, WritesTimesInUtcForPrograms) {
  EXPECT_EQ(utc_time(base::from_stored(1'700'000'000'999)), "2023-11-14T22:13:20Z");
}

}  // namespace
}  // namespace todoku::app
