#include "intake/collector.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "intake/test_taker.h"
#include "store/connection.h"

namespace todoku::intake {
namespace {

using End = Collector::End;
using namespace std::chrono_literals;

Arrival arrival(std::string content) {
  Arrival made;
  made.road = Road::smtp;
  made.content = std::move(content);
  return made;
}

class CollectorTest : public ::testing::Test {
 protected:
  static net::Task<> hand_in(Collector& collector, std::string content, std::array<std::atomic<int>, 3>& ends) {
    std::vector<Arrival> one;
    one.push_back(arrival(std::move(content)));
    ++ends[static_cast<std::size_t>(co_await collector.take(std::move(one)))];
  }
  void spawn(Collector& collector, std::string content) {
    ++spawned_;
    runtime_.spawn(hand_in(collector, std::move(content), ends_));
  }
  int ended(End end) { return ends_[static_cast<std::size_t>(end)]; }
  void wait_for_all() {
    while (ended(End::taken) + ended(End::failed) + ended(End::full) < spawned_) std::this_thread::yield();
  }

  TestTaker taker_;
  std::array<std::atomic<int>, 3> ends_{};
  int spawned_ = 0;
  net::Runtime runtime_{{.threads = 2, .workers = 2}};
};

TEST_F(CollectorTest, WhatComesMeanwhileMakesUpTheNextGroup) {
  Collector collector(taker_, runtime_, {.at_once = 1});
  taker_.hold(true);
  spawn(collector, "first");
  while (taker_.called() == 0) std::this_thread::yield();
  for (int i = 0; i < 400; ++i) spawn(collector, std::to_string(i));
  while (runtime_.tasks() < 402) std::this_thread::yield();
  EXPECT_EQ(ended(End::taken), 0) << "nobody is told before it is on disk";
  taker_.hold(false);
  wait_for_all();
  EXPECT_EQ(ended(End::taken), 401);
  EXPECT_EQ(taker_.taken.size(), 401U);
  EXPECT_LT(taker_.calls, 50);
  EXPECT_TRUE(runtime_.close(5000ms));
}

TEST_F(CollectorTest, OneThatCannotBeTakenStopsNoOther) {
  Collector collector(taker_, runtime_, {.at_once = 1});
  taker_.fails = [](std::span<const Arrival> arrivals) {
    for (const Arrival& one : arrivals) {
      if (one.content == "poison") throw std::runtime_error("poison");
    }
  };
  taker_.hold(true);
  for (int i = 0; i < 20; ++i) spawn(collector, i == 7 ? "poison" : std::to_string(i));
  taker_.hold(false);
  wait_for_all();
  EXPECT_EQ(ended(End::taken), 19);
  EXPECT_EQ(ended(End::failed), 1);
  EXPECT_EQ(taker_.taken.size(), 19U);
  EXPECT_TRUE(runtime_.close(5000ms));
}

TEST_F(CollectorTest, ALostDatabaseFailsAll) {
  Collector collector(taker_, runtime_);
  taker_.fails = [](std::span<const Arrival>) { throw store::Failure(store::Failure::Kind::lost, "away"); };
  for (int i = 0; i < 20; ++i) spawn(collector, std::to_string(i));
  wait_for_all();
  EXPECT_EQ(ended(End::failed), 20);
  taker_.fails = nullptr;
  spawn(collector, "later");
  wait_for_all();
  EXPECT_EQ(ended(End::taken), 1) << "and it goes on afterwards";
  EXPECT_TRUE(runtime_.close(5000ms));
}

TEST_F(CollectorTest, KeepsOnlySoMuch) {
  Collector collector(taker_, runtime_, {.bytes = 10'000, .at_once = 1});
  taker_.hold(true);
  spawn(collector, std::string(20'000, 'x'));  // a single one always may
  while (taker_.called() == 0) std::this_thread::yield();
  spawn(collector, "x");
  while (ended(End::full) == 0) std::this_thread::yield();
  taker_.hold(false);
  wait_for_all();
  EXPECT_EQ(ended(End::taken), 1);
  spawn(collector, "x");
  wait_for_all();
  EXPECT_EQ(ended(End::taken), 2);
  EXPECT_TRUE(runtime_.close(5000ms));
}

}  // namespace
}  // namespace todoku::intake
