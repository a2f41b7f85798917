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

TEST(SourcePool, TheNewAddressComesFirstAndTheOldOneTakesTheRest) {
  const auto sources = two();
  SourcePool pool(sources);
  ASSERT_EQ(pool.choose(kStart), 1U);
  pool.opening(1);
  EXPECT_EQ(pool.choose(kStart), 0U) << "one connection is enough for so few";
  for (int i = 0; i < 10; ++i) pool.take(1, kStart);
  pool.closed(1);
  EXPECT_EQ(pool.choose(kStart), 0U);
  EXPECT_GT(pool.free_at(1, kStart), kStart);
  EXPECT_EQ(pool.free_at(kStart), kStart);
  EXPECT_EQ(pool.choose(kStart + 24h), 1U);
}

TEST(SourcePool, NobodySendsWhileAllCapsAreReached) {
  const std::vector<Source> only = {two()[1]};
  SourcePool pool(only);
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(pool.choose(kStart), 0U);
    pool.take(0, kStart);
  }
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
