#include "delivery/source_pool.h"

#include <gtest/gtest.h>

namespace todoku::delivery {
namespace {

using namespace std::chrono_literals;
constexpr base::Time kStart{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + 9h};

std::vector<Source> two() {
  return {{.address = "192.0.2.1", .helo = "a.example.jp", .warm_up = {}},
          {.address = "192.0.2.2", .helo = "b.example.jp", .warm_up = {10, 20}}};
}

/// As the account would answer on its first day, with a cap of ten.
void exchange(SourcePool& pool, std::size_t source, WarmUp& account, std::int64_t waiting, base::Time now) {
  WarmUpShare::Asking asking;
  while (pool.warm_up(source)->ask(waiting, now, asking)) {
    account.give_back(asking.unused, asking.day);
    account.answered(asking.answers, now);
    const std::int64_t granted = account.take(asking.wanted, now);
    pool.warm_up(source)->hear({.day = day_of(now), .granted = granted, .cap = account.cap(now)});
    if (granted == 0) break;
  }
}

TEST(SourcePool, TheNewAddressComesFirstAndTheOldOneTakesTheRest) {
  const auto sources = two();
  SourcePool pool(sources);
  WarmUp account(sources[1].warm_up);
  EXPECT_EQ(pool.choose(kStart), 0U) << "nothing is known of the new one yet";
  exchange(pool, 1, account, 100, kStart);
  ASSERT_EQ(pool.choose(kStart), 1U);
  pool.opening(1);
  EXPECT_EQ(pool.choose(kStart), 0U) << "one connection is enough for so few";
  for (int i = 0; i < 10; ++i) pool.take(1);
  exchange(pool, 1, account, 100, kStart);
  pool.closed(1);
  EXPECT_EQ(pool.choose(kStart), 0U);
  EXPECT_GT(pool.free_at(1, kStart), kStart);
  EXPECT_EQ(pool.free_at(kStart), kStart);
  exchange(pool, 1, account, 100, kStart + 24h);
  EXPECT_EQ(pool.choose(kStart + 24h), 1U);
}

TEST(SourcePool, NobodySendsWhileAllCapsAreReached) {
  const std::vector<Source> only = {two()[1]};
  SourcePool pool(only);
  WarmUp account(only[0].warm_up);
  exchange(pool, 0, account, 100, kStart);
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(pool.choose(kStart), 0U);
    pool.take(0);
  }
  exchange(pool, 0, account, 100, kStart);
  EXPECT_EQ(pool.choose(kStart), std::nullopt);
  EXPECT_EQ(pool.free_at(kStart), kStart + 15h);
}

TEST(SourcePool, WithoutSourcesTheSystemChooses) {
  SourcePool pool({});
  EXPECT_EQ(pool.choose(kStart), 0U);
  EXPECT_EQ(pool.source(0).address, "");
  EXPECT_EQ(pool.free_at(kStart), kStart);
}

}  // namespace
}  // namespace todoku::delivery
