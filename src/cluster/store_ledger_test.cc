#include "cluster/store_ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/test_store.h"

namespace todoku::cluster {
namespace {

using namespace std::chrono_literals;
using base::Duration;
using base::Time;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Time kStart{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24}};

class StoreLedgerTest : public store::StoreTest {
 protected:
  StoreLedger node(const std::string& name) { return {store::open_or_throw(options()), {.node = name, .lease = 15s}}; }
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
  static Part ask(Ledger& of, const Line& line, Time now) { return of.exchange({{line}, {}, now}).parts.at(0); }
  static std::int64_t granted(Ledger& of, const Line& line, Time now) { return ask(of, line, now).granted; }
};
TODOKU_ON_BOTH_ENGINES(StoreLedgerTest);

TEST_P(StoreLedgerTest, TwoNodesShareOneLimit) {
  StoreLedger a = node("a");
  StoreLedger b = node("b");
  EXPECT_EQ(granted(a, connections(0, 50), kStart), 10);
  const Part first = ask(b, connections(0, 50), kStart);
  EXPECT_EQ(first.granted, 0);
  EXPECT_EQ(first.fair, 5);
  EXPECT_EQ(granted(a, connections(10, 50), kStart + 1s), 5);  // told to shrink, still holding ten
  EXPECT_EQ(granted(b, connections(0, 50), kStart + 1s), 0);
  EXPECT_EQ(granted(a, connections(5, 50), kStart + 2s), 5);
  EXPECT_EQ(granted(b, connections(0, 50), kStart + 2s), 5);
  const auto members = members_of(*store().read(), "gmail", kStart + 2s);
  ASSERT_EQ(members.size(), 2);
  EXPECT_EQ(members[0].node, "a");
  EXPECT_EQ(members[0].held, 5);
  EXPECT_EQ(members[1].wanted, 50);
}

TEST_P(StoreLedgerTest, OtherReceiversAndSpansAreOtherLimits) {
  StoreLedger a = node("a");
  StoreLedger b = node("b");
  EXPECT_EQ(granted(a, connections(0, 50), kStart), 10);
  Line other = connections(0, 50);
  other.receiver = "docomo";
  EXPECT_EQ(granted(b, other, kStart), 10);
  EXPECT_EQ(granted(b, mails(1s, 0, 50), kStart), 10);
}

TEST_P(StoreLedgerTest, WhatADeadNodeHeldIsFreeAfterTheLease) {
  StoreLedger a = node("a");
  StoreLedger b = node("b");
  EXPECT_EQ(granted(a, connections(0, 50), kStart), 10);
  EXPECT_EQ(granted(a, mails(1min, 0, 50), kStart), 10);
  EXPECT_EQ(granted(b, connections(0, 50), kStart + 14s), 0);
  EXPECT_EQ(granted(b, connections(0, 50), kStart + 15s), 10);
  // Its mails of the last minute may have been sent until the very end.
  EXPECT_EQ(granted(b, mails(1min, 0, 50), kStart + 74s), 0);
  EXPECT_EQ(granted(b, mails(1min, 0, 50), kStart + 75s), 10);
}

TEST_P(StoreLedgerTest, WhoLeavesLeavesAtOnce) {
  StoreLedger a = node("a");
  StoreLedger b = node("b");
  EXPECT_EQ(granted(a, connections(0, 50), kStart), 10);
  a.leave(kStart + 1s);
  EXPECT_EQ(granted(b, connections(0, 50), kStart + 1s), 10);
}

TEST_P(StoreLedgerTest, WhatIsGivenUpIsFree) {
  StoreLedger a = node("a");
  StoreLedger b = node("b");
  EXPECT_EQ(granted(a, connections(0, 50), kStart), 10);
  EXPECT_EQ(granted(a, connections(0, 0), kStart + 1s), 0);
  EXPECT_THAT(members_of(*store().read(), "gmail", kStart + 1s), IsEmpty());
  EXPECT_EQ(granted(b, connections(0, 50), kStart + 1s), 10);
}

TEST_P(StoreLedgerTest, LotsOfAnHourAreTakenOnceAndGivenBack) {
  StoreLedger a = node("a");
  StoreLedger b = node("b");
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

TEST_P(StoreLedgerTest, LotsOutliveTheProcess) {
  {
    StoreLedger a = node("a");
    EXPECT_EQ(granted(a, lot(70), kStart), 70);
  }
  StoreLedger again = node("a2");
  EXPECT_EQ(granted(again, lot(70), kStart + 10min), 30);
}

TEST_P(StoreLedgerTest, ABlockIsKnownToAllUntilItIsOver) {
  StoreLedger a = node("a");
  StoreLedger b = node("b");
  (void)a.exchange({{}, {{.receiver = "gmail", .node = {}, .until = kStart + 10min, .blocked = true}}, kStart});
  const auto rests = b.exchange({{}, {}, kStart + 1h}).rests;
  ASSERT_EQ(rests.size(), 1);
  EXPECT_EQ(rests[0].receiver, "gmail");
  EXPECT_EQ(rests[0].node, "a");
  EXPECT_EQ(rests[0].until, kStart + 10min);
  EXPECT_TRUE(rests[0].blocked);
  EXPECT_TRUE(rest_of(*store().read(), "gmail").has_value());
  (void)b.exchange({{}, {{.receiver = "gmail", .node = {}, .until = {}, .over = true}}, kStart + 1h});
  EXPECT_THAT(a.exchange({{}, {}, kStart + 1h}).rests, IsEmpty());
}

TEST_P(StoreLedgerTest, APauseEndsByItself) {
  StoreLedger a = node("a");
  (void)a.exchange({{}, {{.receiver = "yahoo", .node = {}, .until = kStart + 2h}}, kStart});
  EXPECT_EQ(a.exchange({{}, {}, kStart + 1h}).rests.size(), 1);
  EXPECT_THAT(a.exchange({{}, {}, kStart + 2h}).rests, IsEmpty());
}

}  // namespace
}  // namespace todoku::cluster
