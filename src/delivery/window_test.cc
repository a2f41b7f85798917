#include "delivery/window.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace todoku::delivery {
namespace {

using namespace std::chrono_literals;
constexpr base::Time kStart{base::Duration{1'800'000'000'123}};

struct Case {
  std::int64_t most;
  base::Duration span;
};

class WindowTest : public ::testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(Spans, WindowTest,
                         ::testing::Values(Case{1, 1s}, Case{7, 1s}, Case{500, 1s}, Case{60, 1min}, Case{3000, 1h},
                                           Case{20'000, 24h}));

/// Greedy sending for `spans` spans, asked at the times that the window names.
std::vector<base::Time> greedy(Window& window, int spans) {
  std::vector<base::Time> sent;
  for (base::Time now = kStart; now < kStart + spans * window.span();) {
    const base::Time at = window.free_at(now);
    EXPECT_GE(at, now);
    if (at > now) {
      now = at;
      continue;
    }
    window.take(now);
    sent.push_back(now);
  }
  return sent;
}

/// The most that any stretch of the span holds, whatever moment it begins at.
std::int64_t fullest(const std::vector<base::Time>& sent, base::Duration span) {
  std::int64_t most = 0;
  std::size_t first = 0;
  for (std::size_t last = 0; last < sent.size(); ++last) {
    while (sent[last] - sent[first] >= span) ++first;
    most = std::max(most, static_cast<std::int64_t>(last - first + 1));
  }
  return most;
}

TEST_P(WindowTest, NoStretchHoldsMoreAndLittleIsWasted) {
  Window window(GetParam().most, GetParam().span);
  const auto sent = greedy(window, 50);
  EXPECT_LE(fullest(sent, GetParam().span), GetParam().most);
  EXPECT_GE(static_cast<double>(sent.size()), 0.95 * 50 * static_cast<double>(GetParam().most));
}

TEST_P(WindowTest, HoldsForMailsAtAnyMoments) {
  Window window(GetParam().most, GetParam().span);
  std::mt19937_64 random(1);  // NOLINT: the same each time
  const std::int64_t step = std::max<std::int64_t>(1, 2 * GetParam().span.count() / (3 * GetParam().most));
  std::vector<base::Time> sent;
  for (base::Time now = kStart; sent.size() < 5000; now += base::Duration(1 + random() % static_cast<unsigned>(step))) {
    if (window.free_at(now) > now) continue;
    window.take(now);
    sent.push_back(now);
  }
  EXPECT_LE(fullest(sent, GetParam().span), GetParam().most);
}

TEST(Window, GivesBackAndForgetsWhatIsLongPast) {
  Window window(2, 1s);
  window.take(kStart);
  window.take(kStart);
  EXPECT_GT(window.free_at(kStart), kStart);
  window.give_back();
  EXPECT_EQ(window.free_at(kStart), kStart);
  EXPECT_EQ(window.taken(kStart), 1);
  EXPECT_EQ(window.taken(kStart + 24h), 0);
}

TEST(Window, AClockSetBackAllowsNothingTwice) {
  Window window(1, 1min);
  window.take(kStart);
  EXPECT_GT(window.free_at(kStart - 1h), kStart);
}

}  // namespace
}  // namespace todoku::delivery
