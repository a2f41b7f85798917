#include "queue/retry.h"

#include <gtest/gtest.h>

namespace todoku::queue {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const base::Time kStart = base::from_stored(1'700'000'000'000);
constexpr double kMiddle = 0.5;  // no spread

std::optional<base::Duration> wait(int attempt, std::string_view reason = {}, base::Duration since = {}) {
  const auto next = next_attempt({}, {attempt, kStart + since, kStart, reason}, kMiddle);
  if (!next) return std::nullopt;
  return *next - (kStart + since);
}

TEST(Retry, DoublesUpToFourHours) {
  EXPECT_EQ(wait(1), minutes(5));
  EXPECT_EQ(wait(2), minutes(10));
  EXPECT_EQ(wait(3), minutes(20));
  EXPECT_EQ(wait(6), minutes(160));
  EXPECT_EQ(wait(7), hours(4));
  EXPECT_EQ(wait(1000), hours(4));
}

TEST(Retry, AReasonMayTakeLonger) { EXPECT_EQ(wait(1, "mailbox_full"), hours(1)); }

TEST(Retry, TriesALastTimeAtTheEndAndThenExpires) {
  EXPECT_EQ(wait(20, "", hours(70)), hours(2));
  EXPECT_EQ(wait(20, "", hours(72)), std::nullopt);
}

TEST(Retry, SpreadsByATenth) {
  const Deferral deferral{1, kStart, kStart, ""};
  EXPECT_EQ(*next_attempt({}, deferral, 0) - kStart, base::Duration(minutes(5)) * 9 / 10);
  EXPECT_EQ(*next_attempt({}, deferral, 1) - kStart, base::Duration(minutes(5)) * 11 / 10);
}

}  // namespace
}  // namespace todoku::queue
