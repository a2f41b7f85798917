#include "cluster/share.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace todoku::cluster {
namespace {

using namespace std::chrono_literals;

constexpr base::Time kStart{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24}};

TEST(FairPart, OneNodeHasAllItWants) {
  EXPECT_EQ(fair_part(10, {}, {"a", 0, 50}), 10);
  EXPECT_EQ(fair_part(10, {}, {"a", 0, 3}), 3);
  EXPECT_EQ(fair_part(10, {}, {"a", 7, 0}), 0);
}

TEST(FairPart, IsEvenAndWhatOneDoesNotWantIsTheOthers) {
  const std::vector<Claim> others = {{"b", 0, 100}, {"c", 0, 1}};
  EXPECT_EQ(fair_part(10, others, {"a", 0, 100}), 4);
  EXPECT_EQ(fair_part(9, others, {"a", 0, 100}), 4);
}

TEST(FairPart, AUnitThatCannotBeDividedStaysWithItsHolder) {
  EXPECT_EQ(fair_part(1, std::vector<Claim>{{"b", 1, 500}}, {"a", 0, 1000}), 0);
  EXPECT_EQ(fair_part(1, std::vector<Claim>{{"a", 0, 1000}}, {"b", 1, 500}), 1);
  EXPECT_EQ(fair_part(1, std::vector<Claim>{{"b", 1, 0}}, {"a", 0, 1000}), 1);
}

TEST(FairPart, PartsAddUpToTheLimitWhereverMoreIsWanted) {
  std::mt19937 random(7);  // NOLINT(cert-msc32-c,cert-msc51-cpp): a test repeats itself
  const auto number = [&random](int most) { return std::uniform_int_distribution<std::int64_t>(0, most)(random); };
  for (int round = 0; round < 2000; ++round) {
    const std::int64_t most = 1 + number(30);
    std::vector<Claim> all;
    std::int64_t wanted = 0;
    for (std::int64_t i = 0; i <= number(6); ++i) {
      all.push_back({"node" + std::to_string(i), number(5), number(20)});
      wanted += all.back().wanted;
    }
    std::int64_t sum = 0;
    for (const Claim& mine : all) {
      std::vector<Claim> others;
      for (const Claim& each : all) {
        if (each.node != mine.node) others.push_back(each);
      }
      sum += fair_part(most, others, mine);
    }
    EXPECT_EQ(sum, std::min(most, wanted));
  }
}

TEST(Granted, IsNeverMoreThanTheOthersLeave) {
  EXPECT_EQ(granted(10, std::vector<Claim>{{"b", 10, 100}}, {"a", 0, 100}), 0);
  EXPECT_EQ(granted(10, std::vector<Claim>{{"b", 7, 100}}, {"a", 0, 100}), 3);
  EXPECT_EQ(granted(10, std::vector<Claim>{{"b", 5, 100}}, {"a", 0, 100}), 5);
  EXPECT_EQ(granted(10, std::vector<Claim>{{"b", 12, 100}}, {"a", 0, 100}), 0);
}

TEST(Holding, WhatIsGivenUpIsHeldForTheSpanOfItsWindow) {
  Holding holding(1s);
  holding.allow(10, kStart);
  EXPECT_EQ(holding.held(kStart, 0), 10);
  holding.allow(4, kStart + 5s);
  EXPECT_EQ(holding.allowed(), 4);
  EXPECT_EQ(holding.held(kStart + 5999ms, 0), 10);
  EXPECT_EQ(holding.held(kStart + 6s, 0), 4);
  holding.allow(2, kStart + 7s);
  holding.allow(1, kStart + 7500ms);
  EXPECT_EQ(holding.held(kStart + 8s, 0), 4);
  EXPECT_EQ(holding.held(kStart + 8500ms, 0), 1);
}

TEST(Holding, ConnectionsAreHeldWhileTheyAreOpen) {
  Holding holding;
  holding.allow(5, kStart);
  holding.allow(2, kStart);
  EXPECT_EQ(holding.held(kStart, 4), 4);
  EXPECT_EQ(holding.held(kStart, 1), 2);
}

}  // namespace
}  // namespace todoku::cluster
