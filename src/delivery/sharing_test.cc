// Several nodes that share one receiver's limits: nodes come, go and die, demand moves; the limits hold for all
// together, and what they allow is used.
#include <gtest/gtest.h>

#include <deque>
#include <list>
#include <random>

#include "cluster/redis_ledger.h"
#include "cluster/store_ledger.h"
#include "cluster/test_redis.h"
#include "delivery/shape.h"
#include "delivery/simulator.h"
#include "store/test_store.h"

namespace todoku::delivery {
namespace {

using namespace std::chrono_literals;
using base::Duration;
using base::Time;

constexpr Time kStart{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + 9h};
constexpr Duration kMailTakes{100};

Allowance allowance(const provider::Limits& limits) {
  Allowance made;
  made.receiver = "model.test";
  made.limits = limits;
  return made;
}

/// A node that sends to one receiver: as many connections as it is allowed, each with one mail after the other.
class Node {
 public:
  Node(std::string name, std::unique_ptr<cluster::Ledger> ledger, const provider::Limits& limits)
      : name_(std::move(name)), ledger_(std::move(ledger)), shape_(allowance(limits)) {
    shape_.share();
  }

  std::int64_t waiting = 0;
  std::int64_t begun = 0;

  void exchange(Time now) {
    cluster::Request request;
    request.now = now;
    shape_.allotment()->ask(waiting, shape_.connections(), now, request.lines);
    if (auto rest = shape_.news(now)) request.rests.push_back(*rest);
    const cluster::Reply reply = ledger_->exchange(request);
    shape_.hear(reply.parts, now, now, ledger_->lease());
    const cluster::Rest* known = nullptr;
    for (const cluster::Rest& rest : reply.rests) {
      if (rest.node != name_) known = &rest;
    }
    (void)shape_.hear(known, now);
  }
  void leave(Time now) { ledger_->leave(now); }

  /// What happens at this moment; calls `began` for each mail that is begun.
  template <class Began>
  void step(Time now, Began began) {
    end_mails(now);
    while (waiting > static_cast<std::int64_t>(connections_.size())) {
      const auto opening = shape_.connect(now);
      if (!opening.granted) break;
      shape_.opened(opening.source, now);
      connections_.push_back({});
    }
    for (Open& each : connections_) {
      if (each.busy_until > now || waiting == 0 || shape_.ask(0, now) > now) continue;
      each.busy_until = now + kMailTakes;
      --waiting;
      ++begun;
      began();
    }
  }
  [[nodiscard]] int connections() const { return static_cast<int>(connections_.size()); }
  [[nodiscard]] Shape& shape() { return shape_; }

 private:
  struct Open {
    Time busy_until{};
  };
  void end_mails(Time now) {
    for (auto each = connections_.begin(); each != connections_.end();) {
      const bool ended = each->busy_until <= now && each->busy_until != Time{};
      if (ended) (void)shape_.answered(0, {}, each->busy_until - kMailTakes, now);
      if (ended) each->busy_until = Time{};
      const bool idle = each->busy_until == Time{};
      if (idle && (waiting == 0 || shape_.wants_one_gone(now))) {
        shape_.closed(0);
        each = connections_.erase(each);
      } else {
        ++each;
      }
    }
  }

  std::string name_;
  std::unique_ptr<cluster::Ledger> ledger_;
  Shape shape_;
  std::list<Open> connections_;
};

enum class Where : std::uint8_t { store, redis };

class SharingTest : public testing::TestWithParam<Where> {
 protected:
  SharingTest() : place_(store::Engine::sqlite) {
    if (GetParam() == Where::redis) cluster::shared_test_redis().forget();
  }

  Node& add(const provider::Limits& limits) {
    const std::string name = "node" + std::to_string(++made_);
    return *nodes_.emplace_back(std::make_unique<Node>(name, ledger(name), limits));
  }
  /// It is not heard of any more, as after kill -9.
  void kill(std::size_t index) { nodes_.erase(nodes_.begin() + static_cast<std::ptrdiff_t>(index)); }

  /// All nodes for so long, in steps of 10 ms; each exchanges every second, and sooner where it lacks something.
  void run(Duration how_long, std::span<Referee> referees, int most_connections) {
    for (const Time end = now_ + how_long; now_ < end; now_ += 10ms) {
      int open = 0;
      for (std::size_t i = 0; i < nodes_.size(); ++i) {
        Node& node = *nodes_[i];
        const bool due = now_.time_since_epoch() % 1s == Duration(100 * static_cast<int>(i));
        const bool lacks =
            now_.time_since_epoch() % 50ms == 0ms && node.waiting > 0 && node.shape().allotment()->lacking(now_);
        if (due || lacks) node.exchange(now_);
        node.step(now_, [&] {
          ++begun_;
          for (Referee& referee : referees) referee.saw(now_);
        });
        open += node.connections();
      }
      most_open_ = std::max(most_open_, open);
      ASSERT_LE(open, most_connections);
    }
  }

  store::TestPlace place_;
  std::vector<std::unique_ptr<Node>> nodes_;
  Time now_ = kStart;
  std::int64_t begun_ = 0;
  int most_open_ = 0;

 private:
  [[nodiscard]] std::unique_ptr<cluster::Ledger> ledger(const std::string& node) const {
    if (GetParam() == Where::store) {
      return std::make_unique<cluster::StoreLedger>(store::open_or_throw(place_.options()),
                                                    cluster::StoreLedgerOptions{.node = node, .lease = 15s});
    }
    return std::make_unique<cluster::RedisLedger>(cluster::RedisLedgerOptions{
        .place = cluster::shared_test_redis().place(), .node = node, .lease = 15s, .redis_clock = false});
  }

  int made_ = 0;
};
INSTANTIATE_TEST_SUITE_P(In, SharingTest, testing::Values(Where::store, Where::redis),
                         [](const auto& info) { return info.param == Where::store ? "store" : "redis"; });

TEST_P(SharingTest, ConnectionsAndMailsASecondAreTheClusters) {
  const provider::Limits limits{.connections = 12, .mails_per_second = 40};
  std::vector<Referee> referees = {{40, 1s}};
  for (int i = 0; i < 3; ++i) add(limits).waiting = 1'000'000;
  run(60s, referees, 12);
  EXPECT_EQ(referees[0].violations(), 0);
  EXPECT_EQ(most_open_, 12);
  EXPECT_GE(begun_, 60 * 40 * 95 / 100);
  for (const auto& node : nodes_) EXPECT_GE(node->begun, begun_ / 4) << "shared evenly";
}

TEST_P(SharingTest, NodesComeGoAndDie) {
  const provider::Limits limits{.connections = 10, .mails_per_second = 20};
  std::vector<Referee> referees = {{20, 1s}};
  add(limits).waiting = 1'000'000;
  run(20s, referees, 10);
  add(limits).waiting = 1'000'000;
  add(limits).waiting = 1'000'000;
  run(20s, referees, 10);
  EXPECT_GE(nodes_[2]->begun, 100);
  kill(0);
  run(16s, referees, 10);  // until its lease is over, its part is nobody's
  const std::int64_t before = begun_;
  run(30s, referees, 10);
  EXPECT_GE(begun_ - before, 30 * 20 * 95 / 100);
  nodes_[1]->leave(now_);
  kill(1);
  const std::int64_t then = begun_;
  run(30s, referees, 10);
  EXPECT_GE(begun_ - then, 30 * 20 * 93 / 100);
  EXPECT_EQ(referees[0].violations(), 0);
}

TEST_P(SharingTest, ThePartFollowsTheDemand) {
  const provider::Limits limits{.connections = 10, .mails_per_second = 20};
  std::vector<Referee> referees = {{20, 1s}};
  Node& a = add(limits);
  Node& b = add(limits);
  std::mt19937 random(3);  // NOLINT(cert-msc32-c,cert-msc51-cpp): a test repeats itself
  const std::int64_t rounds = 6;
  for (std::int64_t round = 0; round < rounds; ++round) {
    Node& busy = random() % 2 == 0 ? a : b;
    busy.waiting = 1'000'000;
    run(60s, referees, 10);
    busy.waiting = 0;
  }
  EXPECT_EQ(referees[0].violations(), 0);
  EXPECT_GE(begun_, rounds * 60 * 20 * 95 / 100);
}

TEST_P(SharingTest, ALimitOfOneIsOneNodesAtATime) {
  const provider::Limits limits{.connections = 1, .mails_per_second = 0.5};
  std::vector<Referee> referees = {{1, 2s}};
  for (int i = 0; i < 3; ++i) add(limits).waiting = 100;
  run(300s, referees, 1);
  EXPECT_EQ(referees[0].violations(), 0);
  EXPECT_GE(begun_, 150 * 95 / 100);
}

TEST_P(SharingTest, MailsAMinuteAndAnHourAreTheClusters) {
  const provider::Limits limits{.connections = 10, .mails_per_minute = 120, .mails_per_hour = 3600};
  std::vector<Referee> referees = {{120, 1min}, {3600, 1h}};
  for (int i = 0; i < 3; ++i) add(limits).waiting = 1'000'000;
  run(20min, referees, 10);
  kill(1);
  run(60min, referees, 10);
  EXPECT_EQ(referees[0].violations(), 0);
  EXPECT_EQ(referees[1].violations(), 0);
  EXPECT_GE(begun_, 3600);
}

TEST_P(SharingTest, WhoCannotExchangeStopsBeforeItsLeaseIsOver) {
  const provider::Limits limits{.connections = 5, .mails_per_second = 10};
  Node& alone = add(limits);
  alone.waiting = 1'000'000;
  alone.exchange(now_);
  for (Time until = now_ + 15s; now_ < until; now_ += 10ms) alone.step(now_, [] {});
  const std::int64_t sent = alone.begun;
  EXPECT_GE(sent, 100);
  for (Time until = now_ + 60s; now_ < until; now_ += 10ms) alone.step(now_, [] {});
  EXPECT_EQ(alone.begun, sent);
}

TEST_P(SharingTest, ABlockOfOneNodeStopsAllUntilItsTryIsTaken) {
  const provider::Limits limits{.connections = 5};
  Node& a = add(limits);
  Node& b = add(limits);
  a.exchange(now_);
  b.exchange(now_);
  const Answer blocked{.sign = Sign::blocked, .of_the_sender = true, .code = 550};
  EXPECT_EQ(a.shape().answered(0, blocked, now_, now_), Shape::Change::suspended);
  const Time tries_at = a.shape().rests_until();
  a.exchange(now_ += 1s);
  b.exchange(now_ += 100ms);
  EXPECT_TRUE(b.shape().suspended());
  EXPECT_GT(b.shape().rests_until(), tries_at) << "the one that was blocked tries first";
  // A node that comes later knows, too.
  Node& c = add(limits);
  c.exchange(now_);
  EXPECT_TRUE(c.shape().suspended());
  now_ = tries_at;
  a.exchange(now_);
  ASSERT_EQ(a.shape().ask(0, now_), now_);
  EXPECT_EQ(a.shape().answered(0, {}, now_, now_), Shape::Change::lifted);
  a.exchange(now_ += 1s);
  b.exchange(now_);
  EXPECT_FALSE(b.shape().suspended());
  EXPECT_EQ(a.shape().rests_until(), Time{});
}

TEST_P(SharingTest, AnotherNodeTriesWhereTheBlockedOneDied) {
  const provider::Limits limits{.connections = 5};
  Node& a = add(limits);
  Node& b = add(limits);
  a.exchange(now_);
  (void)a.shape().answered(0, {.sign = Sign::blocked, .of_the_sender = true, .code = 550}, now_, now_);
  a.exchange(now_);
  b.exchange(now_);
  kill(0);
  now_ = b.shape().rests_until();
  Node& left = *nodes_[0];
  left.exchange(now_);
  ASSERT_EQ(left.shape().ask(0, now_), now_);
  EXPECT_EQ(left.shape().answered(0, {}, now_, now_), Shape::Change::lifted);
  left.exchange(now_ += 1s);
  Node& later = add(limits);
  later.exchange(now_);
  EXPECT_FALSE(later.shape().suspended());
}

}  // namespace
}  // namespace todoku::delivery
