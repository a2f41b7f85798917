#include "base/duration.h"

#include <gtest/gtest.h>

namespace todoku::base {
namespace {

using namespace std::chrono_literals;

TEST(DurationText, TakesUnits) {
  EXPECT_EQ(*parse_duration("1500ms"), 1500ms);
  EXPECT_EQ(*parse_duration("30"), 30s);
  EXPECT_EQ(*parse_duration("3d"), 72h);
  EXPECT_FALSE(parse_duration("soon"));
  EXPECT_FALSE(parse_duration(""));
  EXPECT_FALSE(parse_duration("s"));
  EXPECT_FALSE(parse_duration("99999999999999999d"));
}

TEST(DurationText, IsReadAsItIsWritten) {
  EXPECT_EQ(to_text(0ms), "0s");
  EXPECT_EQ(to_text(90s), "90s");
  for (const Duration each : {Duration(1ms), Duration(1500ms), Duration(2h), Duration(48h), Duration(90min)}) {
    EXPECT_EQ(*parse_duration(to_text(each)), each) << to_text(each);
  }
}

}  // namespace
}  // namespace todoku::base
