// What is Redis' own: it may be away, come back without memory, refuse us; and its clock counts.
#include "cluster/redis_ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cluster/test_redis.h"

namespace todoku::cluster {
namespace {

using namespace std::chrono_literals;
using base::Time;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Time now() { return base::SystemClock().now(); }

class RedisLedgerTest : public testing::Test {
 protected:
  RedisLedger node(const std::string& name, base::Duration lease = 15s) {
    return RedisLedger({.place = redis_.place(), .node = name, .lease = lease});
  }
  static Part ask(RedisLedger& of, std::int64_t held, std::int64_t wanted, Time at = now()) {
    return of.exchange({{{.receiver = "gmail", .span = {}, .most = 10, .held = held, .wanted = wanted}}, {}, at})
        .parts.at(0);
  }
  static std::vector<Rest> rests(RedisLedger& of, std::vector<Rest> told = {}) {
    return of.exchange({{}, std::move(told), now()}).rests;
  }
  TestRedis redis_;
};

TEST_F(RedisLedgerTest, AfterItForgotNobodyGetsMoreThanItHoldsUntilTheLeasesAreOver) {
  redis_.forget();
  RedisLedger a = node("a", 3s);
  EXPECT_EQ(ask(a, 0, 50).granted, 10);
  redis_.kill();
  EXPECT_THROW((void)ask(a, 10, 50), store::Failure);
  redis_.start();
  RedisLedger b = node("b", 3s);
  const Part nothing = ask(b, 0, 50);
  EXPECT_EQ(nothing.granted, 0) << "a may still hold all of it, and nobody knows";
  EXPECT_GT(nothing.fair, 0) << "so it asks again soon";
  const Part kept = ask(a, 10, 50);
  EXPECT_EQ(kept.granted, 5) << "a goes on, with what is fair";
  EXPECT_EQ(ask(a, 5, 50).granted, 5);
  EXPECT_EQ(ask(b, 0, 50).granted, 0);
  const auto end = std::chrono::steady_clock::now() + 10s;
  std::int64_t held = 0;
  while (held == 0 && std::chrono::steady_clock::now() < end) {
    EXPECT_EQ(ask(a, 5, 50).granted, 5);
    held = ask(b, 0, 50).granted;
  }
  EXPECT_EQ(held, 5);
}

TEST_F(RedisLedgerTest, ABlockIsNotForgottenWithIt) {
  redis_.forget();
  RedisLedger a = node("a");
  RedisLedger b = node("b");
  EXPECT_EQ(rests(a, {{.receiver = "gmail", .node = {}, .until = now() + 10min, .blocked = true}}).size(), 1);
  EXPECT_EQ(rests(b).size(), 1);
  redis_.kill();
  EXPECT_THROW((void)rests(b), store::Failure);
  redis_.start();
  EXPECT_EQ(rests(b).size(), 1) << "Redis knows nothing of it, but it was not lifted";
  RedisLedger c = node("c");
  EXPECT_THAT(rests(c), IsEmpty());
  EXPECT_THROW((void)rests(a), store::Failure) << "its connection broke";
  EXPECT_EQ(rests(a).size(), 1);
  EXPECT_EQ(rests(c).size(), 1) << "a has told it again";
  EXPECT_EQ(rests(b).size(), 1);
  (void)rests(a, {{.receiver = "gmail", .node = {}, .until = {}, .over = true}});
  EXPECT_THAT(rests(b), IsEmpty());
  EXPECT_THAT(rests(c), IsEmpty());
}

TEST_F(RedisLedgerTest, AForgottenScriptIsBroughtAgain) {
  redis_.forget();
  RedisLedger a = node("a");
  EXPECT_EQ(ask(a, 0, 3).granted, 3);
  redis_.connect().command({"SCRIPT", "FLUSH"});
  EXPECT_EQ(ask(a, 3, 4).granted, 4);
}

TEST_F(RedisLedgerTest, ItsClockCountsAndTheNodesMayDiffer) {
  redis_.forget();
  RedisLedger early = node("early");
  RedisLedger late = node("late");
  const Time at = now();
  EXPECT_EQ(ask(early, 0, 50, at - 1h).granted, 10);
  EXPECT_EQ(ask(late, 0, 50, at + 1h).granted, 0) << "early is not dead";
  (void)early.exchange({{}, {{.receiver = "gmail", .node = {}, .until = at - 50min, .blocked = true}}, at - 1h});
  const auto heard = late.exchange({{}, {}, at + 1h}).rests;
  ASSERT_EQ(heard.size(), 1);
  EXPECT_NEAR(static_cast<double>((heard[0].until - (at + 1h)).count()), 600'000, 5'000) << "ten minutes for both";
}

TEST_F(RedisLedgerTest, AWrongPasswordIsSaidWithoutIt) {
  TestRedis closed("hunter2");
  RedisPlace place = closed.place();
  RedisLedger right({.place = place, .node = "a"});
  EXPECT_NO_THROW((void)rests(right));
  place.password = base::Secret("hunter3");
  RedisLedger wrong({.place = place, .node = "b"});
  try {
    (void)rests(wrong);
    FAIL() << "taken";
  } catch (const store::Failure& e) {
    EXPECT_THAT(e.what(), HasSubstr("password"));
    EXPECT_THAT(e.what(), HasSubstr("redis://127.0.0.1"));
    EXPECT_THAT(e.what(), Not(HasSubstr("hunter")));
  }
}

TEST_F(RedisLedgerTest, ASilentRedisIsNotWaitedForLong) {
  redis_.forget();
  RedisLedger a({.place = redis_.place(), .node = "a", .limit = 200ms});
  EXPECT_EQ(ask(a, 0, 3).granted, 3);
  RedisConnection other = redis_.connect();
  other.command({"CLIENT", "PAUSE", "1000"});
  const auto start = std::chrono::steady_clock::now();
  EXPECT_THROW((void)ask(a, 3, 3), store::Failure);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 900ms);
}

}  // namespace
}  // namespace todoku::cluster
