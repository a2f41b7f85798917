#include "delivery/warm_up_accounts.h"

#include <gtest/gtest.h>

#include <thread>

#include "store/test_store.h"

namespace todoku::delivery {
namespace {

using namespace std::chrono_literals;
using base::Time;

constexpr Time kStart{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + 9h};
constexpr std::int64_t kPlan[] = {50, 100};

class WarmUpAccountsTest : public store::StoreTest {
 protected:
  static WarmUpLine line(std::int64_t wanted, const std::string& receiver = "gmail") {
    return {.source = "192.0.2.1", .receiver = receiver, .plan = kPlan, .asking = {.wanted = wanted, .answers = {}}};
  }
  static std::vector<WarmUpShare::Answer> exchange(store::Store& in, const std::vector<WarmUpLine>& lines, Time now) {
    std::vector<WarmUpShare::Answer> answers;
    in.write_now([&](store::Connection& db) { answers = exchange_warm_ups(db, lines, now); });
    return answers;
  }
  std::int64_t granted(const WarmUpLine& line, Time now = kStart) {
    return exchange(store(), {line}, now).at(0).granted;
  }
};
TODOKU_ON_BOTH_ENGINES(WarmUpAccountsTest);

TEST_P(WarmUpAccountsTest, ARestartMidwayThroughADayGetsOnlyWhatIsLeftOfIt) {
  EXPECT_EQ(granted(line(30)), 30);
  reopen();
  EXPECT_EQ(granted(line(30)), 20);
  EXPECT_EQ(granted(line(30)), 0);
  EXPECT_EQ(granted(line(90), kStart + 15h), 50) << "a new day, and no answer yet for a larger cap";
}

TEST_P(WarmUpAccountsTest, WhatWasLearntOutlivesARestart) {
  WarmUpLine told = line(50);
  told.asking.answers = {.answers = 50};
  EXPECT_EQ(granted(told), 50);
  reopen();
  EXPECT_EQ(granted(line(1000), kStart + 24h), 100);
  const auto state = warm_up_of(*store().read(), "192.0.2.1", "gmail");
  ASSERT_TRUE(state);
  EXPECT_EQ(state->step, 1);
  EXPECT_EQ(state->sent, 100);
  EXPECT_FALSE(warm_up_of(*store().read(), "192.0.2.1", "docomo"));
}

TEST_P(WarmUpAccountsTest, EachReceiverHasAnAccountOfItsOwn) {
  const auto answers = exchange(store(), {line(40, "gmail"), line(40, "docomo"), line(40, "gmail")}, kStart);
  ASSERT_EQ(answers.size(), 3);
  EXPECT_EQ(answers[0].granted + answers[2].granted, 50);
  EXPECT_EQ(answers[1].granted, 40);
}

TEST_P(WarmUpAccountsTest, GivenBackIsFreeAgain) {
  EXPECT_EQ(granted(line(50)), 50);
  WarmUpLine back = line(0);
  back.asking.unused = 20;
  back.asking.day = day_of(kStart);
  EXPECT_EQ(granted(back), 0);
  EXPECT_EQ(granted(line(50)), 20);
}

TEST_P(WarmUpAccountsTest, TheCapIsOneForAllNodes) {
  const auto other = store::open_or_throw(options());
  std::int64_t sums[2] = {};
  const auto take = [&](store::Store& in, std::int64_t& sum) {
    for (int i = 0; i < 40; ++i) {
      for (const auto& answer : exchange(in, {line(3, "a"), line(3, "b")}, kStart)) sum += answer.granted;
    }
  };
  std::thread first([&] { take(store(), sums[0]); });
  std::thread second([&] { take(*other, sums[1]); });
  first.join();
  second.join();
  EXPECT_EQ(sums[0] + sums[1], 2 * 50);
}

}  // namespace
}  // namespace todoku::delivery
