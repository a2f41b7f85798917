// What every ledger does, wherever it is kept.
#include "cluster/ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "cluster/redis_ledger.h"
#include "cluster/share.h"
#include "cluster/store_ledger.h"
#include "cluster/test_redis.h"
#include "store/test_store.h"

namespace todoku::cluster {
namespace {

using namespace std::chrono_literals;
using base::Duration;
using base::Time;
using testing::IsEmpty;

constexpr Time kStart{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24}};

/// A place for a ledger: a database, or a Redis.
enum class Where : std::uint8_t { sqlite, postgres, redis };

class LedgerTest : public testing::TestWithParam<Where> {
 protected:
  LedgerTest() {
    if (GetParam() == Where::redis) {
      shared_test_redis().forget();
    } else {
      place_.emplace(GetParam() == Where::sqlite ? store::Engine::sqlite : store::Engine::postgres);
    }
  }
  std::unique_ptr<Ledger> node(const std::string& name) {
    if (place_) {
      return std::make_unique<StoreLedger>(store::open_or_throw(place_->options()),
                                           StoreLedgerOptions{.node = name, .lease = 15s});
    }
    return std::make_unique<RedisLedger>(
        RedisLedgerOptions{.place = shared_test_redis().place(), .node = name, .lease = 15s, .redis_clock = false});
  }
  static Line connections(std::int64_t held, std::int64_t wanted, std::int64_t most = 10) {
    return {.receiver = "gmail", .span = {}, .most = most, .held = held, .wanted = wanted};
  }
  static Line mails(Duration span, std::int64_t held, std::int64_t wanted) {
    return {.receiver = "gmail", .span = span, .most = 10, .held = held, .wanted = wanted};
  }
  static Line lot(std::int64_t wanted, std::int64_t left = 0, Time until = {}) {
    return {
        .receiver = "gmail", .span = 1h, .most = 100, .lots = true, .held = left, .wanted = wanted, .lot_until = until};
  }
  static Part ask(const std::unique_ptr<Ledger>& of, const Line& line, Time now) {
    return of->exchange({{line}, {}, now}).parts.at(0);
  }
  static std::int64_t granted(const std::unique_ptr<Ledger>& of, const Line& line, Time now) {
    return ask(of, line, now).granted;
  }

 private:
  std::optional<store::TestPlace> place_;
};

std::vector<Where> places() {
  std::vector<Where> all = {Where::sqlite, Where::redis};
  if (store::test_postgres() != nullptr) all.push_back(Where::postgres);
  return all;
}
constexpr const char* kNames[] = {"sqlite", "postgres", "redis"};
INSTANTIATE_TEST_SUITE_P(In, LedgerTest, testing::ValuesIn(places()),
                         [](const auto& info) { return kNames[static_cast<std::size_t>(info.param)]; });

TEST_P(LedgerTest, TwoNodesShareOneLimit) {
  const auto a = node("a");
  const auto b = node("b");
  EXPECT_EQ(granted(a, connections(0, 50), kStart), 10);
  const Part first = ask(b, connections(0, 50), kStart);
  EXPECT_EQ(first.granted, 0);
  EXPECT_EQ(first.fair, 5);
  EXPECT_EQ(granted(a, connections(10, 50), kStart + 1s), 5);  // told to shrink, still holding ten
  EXPECT_EQ(granted(b, connections(0, 50), kStart + 1s), 0);
  EXPECT_EQ(granted(a, connections(5, 50), kStart + 2s), 5);
  EXPECT_EQ(granted(b, connections(0, 50), kStart + 2s), 5);
  const auto members = a->look("gmail", kStart + 2s).members;
  ASSERT_EQ(members.size(), 2);
  EXPECT_EQ(members[0].node, "a");
  EXPECT_EQ(members[0].held, 5);
  EXPECT_EQ(members[1].wanted, 50);
}

TEST_P(LedgerTest, OtherReceiversAndSpansAreOtherLimits) {
  const auto a = node("a");
  const auto b = node("b");
  EXPECT_EQ(granted(a, connections(0, 50), kStart), 10);
  Line other = connections(0, 50);
  other.receiver = "docomo";
  EXPECT_EQ(granted(b, other, kStart), 10);
  EXPECT_EQ(granted(b, mails(1s, 0, 50), kStart), 10);
}

TEST_P(LedgerTest, WhatADeadNodeHeldIsFreeAfterTheLease) {
  const auto a = node("a");
  const auto b = node("b");
  EXPECT_EQ(granted(a, connections(0, 50), kStart), 10);
  EXPECT_EQ(granted(a, mails(1min, 0, 50), kStart), 10);
  EXPECT_EQ(granted(b, connections(0, 50), kStart + 14s), 0);
  EXPECT_EQ(granted(b, connections(0, 50), kStart + 15s), 10);
  // Its mails of the last minute may have been sent until the very end.
  EXPECT_EQ(granted(b, mails(1min, 0, 50), kStart + 74s), 0);
  EXPECT_EQ(granted(b, mails(1min, 0, 50), kStart + 75s), 10);
}

TEST_P(LedgerTest, WhoLeavesLeavesAtOnce) {
  const auto a = node("a");
  const auto b = node("b");
  EXPECT_EQ(granted(a, connections(0, 50), kStart), 10);
  a->leave(kStart + 1s);
  EXPECT_EQ(granted(b, connections(0, 50), kStart + 1s), 10);
}

TEST_P(LedgerTest, WhatIsGivenUpIsFree) {
  const auto a = node("a");
  const auto b = node("b");
  EXPECT_EQ(granted(a, connections(0, 50), kStart), 10);
  EXPECT_EQ(granted(a, connections(0, 0), kStart + 1s), 0);
  EXPECT_THAT(b->look("gmail", kStart + 1s).members, IsEmpty());
  EXPECT_EQ(granted(b, connections(0, 50), kStart + 1s), 10);
}

TEST_P(LedgerTest, LotsOfAnHourAreTakenOnceAndGivenBack) {
  const auto a = node("a");
  const auto b = node("b");
  EXPECT_EQ(granted(a, lot(70), kStart), 70);
  EXPECT_EQ(granted(b, lot(70), kStart), 30);
  const Part none = ask(b, lot(70), kStart + 1s);
  EXPECT_EQ(none.granted, 0);
  EXPECT_GT(none.free_at, kStart + 1h);
  EXPECT_LE(none.free_at, kStart + 1h + 3min);
  EXPECT_EQ(granted(a, lot(0, 40, kStart + kLotLife), kStart + 1s), 0);  // gives 40 back
  EXPECT_EQ(granted(b, lot(70), kStart + 2s), 40);
  EXPECT_EQ(granted(b, lot(70), none.free_at - 1s), 0);
  EXPECT_EQ(granted(b, lot(100), none.free_at + 1min), 100);
}

TEST_P(LedgerTest, LotsOutliveTheProcess) {
  {
    const auto a = node("a");
    EXPECT_EQ(granted(a, lot(70), kStart), 70);
  }
  const auto again = node("a2");
  EXPECT_EQ(granted(again, lot(70), kStart + 10min), 30);
}

TEST_P(LedgerTest, ABlockIsKnownToAllUntilItIsOver) {
  const auto a = node("a");
  const auto b = node("b");
  (void)a->exchange({{}, {{.receiver = "gmail", .node = {}, .until = kStart + 10min, .blocked = true}}, kStart});
  const auto rests = b->exchange({{}, {}, kStart + 1h}).rests;
  ASSERT_EQ(rests.size(), 1);
  EXPECT_EQ(rests[0].receiver, "gmail");
  EXPECT_EQ(rests[0].node, "a");
  EXPECT_EQ(rests[0].until, kStart + 10min);
  EXPECT_TRUE(rests[0].blocked);
  const auto seen = a->look("gmail", kStart + 1h).rest;
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->node, "a");
  EXPECT_EQ(seen->until, kStart + 10min);
  EXPECT_TRUE(seen->blocked);
  (void)b->exchange({{}, {{.receiver = "gmail", .node = {}, .until = {}, .over = true}}, kStart + 1h});
  EXPECT_THAT(a->exchange({{}, {}, kStart + 1h}).rests, IsEmpty());
}

TEST_P(LedgerTest, APauseEndsByItself) {
  const auto a = node("a");
  (void)a->exchange({{}, {{.receiver = "yahoo", .node = {}, .until = kStart + 2h}}, kStart});
  EXPECT_EQ(a->exchange({{}, {}, kStart + 1h}).rests.size(), 1);
  EXPECT_THAT(a->exchange({{}, {}, kStart + 2h}).rests, IsEmpty());
}

TEST_P(LedgerTest, EveryNodeGetsItsFairPartOfWhatIsLeft) {
  std::mt19937 random(7);  // NOLINT(cert-msc32-c,cert-msc51-cpp): a test repeats itself
  const auto number = [&random](int most) { return std::uniform_int_distribution<std::int64_t>(0, most)(random); };
  std::vector<std::unique_ptr<Ledger>> nodes;
  std::vector<Claim> claims;
  for (int i = 0; i < 5; ++i) {
    claims.push_back({.node = "node" + std::to_string(i)});
    nodes.push_back(node(claims.back().node));
  }
  for (int round = 0; round < 200; ++round) {
    const auto which = static_cast<std::size_t>(number(4));
    Claim& mine = claims[which];
    mine.wanted = number(20);
    if (mine.held > 0) mine.held = number(static_cast<int>(mine.held));  // gives some up
    std::vector<Claim> others;
    for (const Claim& each : claims) {
      if (each.node != mine.node && (each.held > 0 || each.wanted > 0)) others.push_back(each);
    }
    const Part part = ask(nodes[which], connections(mine.held, mine.wanted, 12), kStart);
    EXPECT_EQ(part.fair, fair_part(12, others, mine));
    EXPECT_EQ(part.granted, cluster::granted(12, others, mine));
    mine.held = std::max(mine.held, part.granted);
  }
}

TEST_P(LedgerTest, ManyReceiversAreAnsweredInTheirOrder) {
  const auto a = node("a");
  const auto b = node("b");
  Request request{.lines = {}, .rests = {}, .now = kStart};
  for (int i = 0; i < 1200; ++i) {
    request.lines.push_back({.receiver = "site" + std::to_string(i), .span = {}, .most = i, .wanted = 5000});
  }
  const Reply reply = a->exchange(request);
  ASSERT_EQ(reply.parts.size(), 1200);
  for (int i = 0; i < 1200; ++i) EXPECT_EQ(reply.parts[static_cast<std::size_t>(i)].granted, i);
  EXPECT_EQ(b->exchange(request).parts[1100].granted, 0);
}

}  // namespace
}  // namespace todoku::cluster
