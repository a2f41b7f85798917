#include "authentication/sts_cache.h"

#include <gtest/gtest.h>

namespace todoku::authentication {
namespace {

using namespace std::chrono_literals;

constexpr base::Time kFetched{1'000'000h};

KeptStsPolicy kept(std::chrono::seconds max_age) {
  return {
      .id = "1", .policy = {.mode = StsMode::enforce, .mx = {"mx.test"}, .max_age = max_age}, .fetched_at = kFetched};
}

TEST(StsCache, WithoutAKeptPolicyTheAnnouncementDecides) {
  EXPECT_EQ(next_step(nullptr, std::nullopt, kFetched, std::nullopt), StsStep::none);
  EXPECT_EQ(next_step(nullptr, "1", kFetched, std::nullopt), StsStep::fetch);
  EXPECT_EQ(holding(nullptr, kFetched), nullptr);
}

TEST(StsCache, TheSameIdIsNotFetchedAgain) {
  const auto policy = kept(7 * 24h);
  EXPECT_EQ(next_step(&policy, "1", kFetched + 1h, std::nullopt), StsStep::keep);
  EXPECT_EQ(next_step(&policy, "2", kFetched + 1h, std::nullopt), StsStep::fetch);
}

TEST(StsCache, SilenceInDnsDoesNotEndIt) {
  const auto policy = kept(7 * 24h);
  EXPECT_EQ(next_step(&policy, std::nullopt, kFetched + 7 * 24h - 1ms, std::nullopt), StsStep::keep);
  EXPECT_EQ(next_step(&policy, std::nullopt, kFetched + 7 * 24h, std::nullopt), StsStep::none);
  EXPECT_NE(holding(&policy, kFetched + 7 * 24h - 1ms), nullptr);
  EXPECT_EQ(holding(&policy, kFetched + 7 * 24h), nullptr);
}

TEST(StsCache, ItIsRefreshedLongBeforeItIsTooOld) {
  const auto week = kept(7 * 24h);
  EXPECT_EQ(next_step(&week, "1", kFetched + 24h - 1ms, std::nullopt), StsStep::keep);
  EXPECT_EQ(next_step(&week, "1", kFetched + 24h, std::nullopt), StsStep::fetch);
  const auto hour = kept(1h);
  EXPECT_EQ(next_step(&hour, "1", kFetched + 29min, std::nullopt), StsStep::keep);
  EXPECT_EQ(next_step(&hour, "1", kFetched + 30min, std::nullopt), StsStep::fetch);
}

TEST(StsCache, AFailedFetchIsNotRepeatedAtOnce) {
  const auto policy = kept(7 * 24h);
  const base::Time failed = kFetched + 2h;
  EXPECT_EQ(next_step(&policy, "2", failed + 4min, failed), StsStep::keep);
  EXPECT_EQ(next_step(&policy, "2", failed + 5min, failed), StsStep::fetch);
  EXPECT_EQ(next_step(nullptr, "2", failed + 4min, failed), StsStep::none);
}

}  // namespace
}  // namespace todoku::authentication
