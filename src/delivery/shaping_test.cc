// The engine shaping its mail, over real sockets.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "delivery/engine.h"
#include "delivery/refusals.h"
#include "delivery/test_peer.h"
#include "queue/counts.h"
#include "store/test_store.h"

namespace todoku::delivery {
namespace {

using namespace std::chrono_literals;
using queue::Result;

/// Counts the connections that are open at once, and notes when mails come.
class Watcher final : public smtp::Receiver {
 public:
  std::function<smtp::Answer()> decide = [] { return smtp::Answer{}; };

  smtp::Answer greeting;

  net::Task<smtp::Answer> connected(smtp::Visit&) override {
    ++connections;
    co_return greeting;
  }
  net::Task<smtp::Answer> recipient(smtp::Visit&, const std::string&) override {
    const std::scoped_lock lock(mutex_);
    ++recipients;
    co_return decide();
  }
  net::Task<smtp::Answer> message(smtp::Visit&) override {
    const int now = ++under_way_;
    most_under_way = std::max(most_under_way.load(), now);
    (void)co_await net::sleep(2ms);
    --under_way_;
    ++taken;
    co_return smtp::Answer{};
  }

  std::atomic<int> connections = 0, recipients = 0, taken = 0, most_under_way = 0;

 private:
  std::mutex mutex_;
  std::atomic<int> under_way_ = 0;
};

class ShapingTest : public store::StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    rules_ = *bounce::Rules::load();
    options_.owner = "test";
    options_.session.client.helo = "mail.origin.test";
    options_.session.limits.connect = 2s;
    options_.retry = {.first = 20ms, .longest = 50ms, .expiry = 1h, .spread = 0, .first_by_reason = {}};
  }

  void limit(std::vector<LimitSetting> settings) {
    auto made = Allowances::make(provider::Providers::built_in(), std::move(settings));
    ASSERT_TRUE(made) << made.error().text();
    options_.allowances = *std::move(made);
  }

  /// A site of `receiver` at the server.
  void site(const std::string& name, const smtp::Server& server, const std::string& receiver) {
    Route& route = router_.routes[name];
    route.targets = {{"mx." + receiver, "127.0.0.1", server.at().port}};
    route.receiver = receiver;
  }

  std::unique_ptr<smtp::Server> listen(smtp::Receiver& receiver) {
    return *smtp::Server::start(runtime_, {"127.0.0.1", 0}, receiver, {});
  }

  void lay_down(std::int64_t campaign, int recipients, const std::string& site) {
    store().write_now([&](store::Connection& db) {
      std::vector<base::ContactId> contacts;
      for (int i = 1; i <= recipients; ++i) contacts.push_back({i});
      queue::lay_down(db, {.campaign = {campaign}, .now = clock_.now()}, site, contacts);
    });
  }

  queue::Counts counts(std::int64_t campaign) { return queue::counts_of(*store().read(), {campaign}); }

  template <class Condition>
  void run_until(Condition condition, std::chrono::seconds limit = 20s) {
    Engine engine({store(), source_, sink_, router_, *rules_, runtime_, clock_}, options_);
    engine.start();
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!condition() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    EXPECT_TRUE(condition());
    EXPECT_TRUE(engine.stop(5s));
  }

  base::SystemClock clock_;
  NumberedMails source_;
  OutcomeMemory sink_;
  FixedRouter router_;
  Options options_;
  std::unique_ptr<bounce::Rules> rules_;
  net::Runtime runtime_{{.threads = 2, .workers = 2}};
};
TODOKU_ON_BOTH_ENGINES(ShapingTest);

TEST_P(ShapingTest, SitesOfOneReceiverShareItsConnections) {
  Watcher watcher;
  const auto server = listen(watcher);
  limit({{"shared.test", "connections", "2", "test"}, {"shared.test", "mails_per_connection", "7", "test"}});
  for (int i = 0; i < 5; ++i) {
    const std::string name = "site" + std::to_string(i) + ".test";
    site(name, *server, "shared.test");
    lay_down(1, 20, name);
  }
  run_until([this] { return counts(1).delivered == 100; });
  EXPECT_LE(watcher.most_under_way, 2);
  EXPECT_GE(watcher.connections, 100 / 7);
}

TEST_P(ShapingTest, NoMoreMailsASecondThanAllowed) {
  Watcher watcher;
  const auto server = listen(watcher);
  limit({{"slow.test", "mails_per_second", "40", "test"}});
  site("slow.test", *server, "slow.test");
  lay_down(1, 60, "slow.test");
  const auto start = std::chrono::steady_clock::now();
  run_until([this] { return counts(1).delivered == 60; });
  EXPECT_GE(std::chrono::steady_clock::now() - start, 1s);
}

TEST_P(ShapingTest, ASlowReceiverHoldsUpNobody) {
  Watcher watcher;
  const auto server = listen(watcher);
  options_.connections = 2;
  options_.recipients_in_memory = 5000;
  limit({{"slow.test", "mails_per_second", "2", "test"}});
  site("slow.test", *server, "slow.test");
  site("fast.test", *server, "fast.test");
  lay_down(1, 9000, "slow.test");
  lay_down(2, 500, "fast.test");
  run_until([this] { return counts(2).delivered == 500; });
  EXPECT_LT(counts(1).delivered, 100);
}

TEST_P(ShapingTest, NotEverybodyIsLookedUpAtOnce) {
  class SlowRouter final : public Router {
   public:
    net::Task<Route> route(std::string /*site*/) override {
      most = std::max(most.load(), ++under_way_);
      (void)co_await net::sleep(20ms);
      --under_way_;
      Route nowhere;
      nowhere.problem = {.reason = bounce::Reason::host_unknown, .final = true, .text = "no such domain"};
      co_return nowhere;
    }
    std::atomic<int> most = 0;

   private:
    std::atomic<int> under_way_ = 0;
  } router;
  constexpr int kSites = 1500;
  store().write_now([&](store::Connection& db) {
    for (int i = 1; i <= kSites; ++i) {
      const base::ContactId contact{i};
      queue::lay_down(db, {.campaign = {1}, .now = clock_.now()}, "site" + std::to_string(i) + ".test", {&contact, 1});
    }
  });
  Engine engine({store(), source_, sink_, router, *rules_, runtime_, clock_}, options_);
  engine.start();
  while (sink_.count(Result::failed) < kSites) std::this_thread::sleep_for(10ms);
  EXPECT_TRUE(engine.stop(5s));
  EXPECT_GT(router.most, 100);
  EXPECT_LE(router.most, 512);
}

TEST_P(ShapingTest, HostsThatDoNotAnswerTakeNobodysPlace) {
  class Silent final : public smtp::Receiver {
   public:
    net::Task<smtp::Answer> connected(smtp::Visit&) override {
      (void)co_await net::sleep(3s);
      co_return smtp::Answer{};
    }
    net::Task<smtp::Answer> message(smtp::Visit&) override { co_return smtp::Answer{}; }
  } silent;
  Watcher watcher;
  const auto dead = listen(silent);
  const auto living = listen(watcher);
  options_.connections = 2;
  options_.opens_soon = 100ms;
  for (int i = 0; i < 30; ++i) {
    const std::string name = "silent" + std::to_string(i) + ".test";
    site(name, *dead, name);
    lay_down(1, 1, name);
  }
  site("living.test", *living, "living.test");
  lay_down(2, 100, "living.test");
  run_until([this] { return counts(2).delivered == 100; });
  EXPECT_EQ(counts(1).delivered, 0) << "the living wait for none of them";
  run_until([this] { return counts(1).delivered == 30; }, 15s);  // 45 s for one after the other by two
}

TEST_P(ShapingTest, ABlockSuspendsThatReceiverAloneUntilATryIsTaken) {
  Watcher blocking;
  std::atomic<bool> blocked = true;
  blocking.decide = [&blocked] {
    return blocked ? smtp::Answer{554, "5.7.1 Your IP address is blocked, see our blacklist"} : smtp::Answer{};
  };
  Watcher other;
  const auto first = listen(blocking);
  const auto second = listen(other);
  limit({{"blocking.test", "blocked", "1s", "test"}});
  site("blocking.test", *first, "blocking.test");
  site("also-blocking.test", *first, "blocking.test");
  site("other.test", *second, "other.test");
  lay_down(1, 100, "blocking.test");
  lay_down(1, 100, "also-blocking.test");
  lay_down(2, 500, "other.test");
  int while_blocked = 0;
  const auto ends = [&, this] {
    if (blocked && counts(2).delivered == 500) {
      while_blocked = blocking.recipients;
      blocked = false;
    }
    return counts(1).delivered == 200;
  };
  run_until(ends, 40s);
  EXPECT_LE(while_blocked, 60) << "what was under way, and tries";
}

TEST_P(ShapingTest, ACampaignThatIsRefusedForItsMailsIsHeldAtThatReceiver) {
  std::atomic<bool> spam = true;
  Peer strict([&spam](const std::string&, int) -> smtp::Answer {
    if (spam) return {550, "5.7.1 This message was classified as spam"};
    return {};
  });
  Peer kind;
  const auto strict_server = listen(strict);
  const auto kind_server = listen(kind);
  limit({{"strict.test", "blocked", "1s", "test"}, {"strict.test", "connections", "2", "test"}});
  site("one.test", *strict_server, "strict.test");
  site("two.test", *strict_server, "strict.test");
  site("other.test", *kind_server, "kind.test");
  lay_down(1, 300, "one.test");
  lay_down(1, 300, "two.test");
  lay_down(1, 100, "other.test");
  run_until([&, this] {
    const queue::Counts now = counts(1);
    if (now.deferred > 400) spam = false;  // all but the few that were needed to see it wait
    return now.finished();
  });
  const queue::Counts end = counts(1);
  EXPECT_GE(end.failed, Refusals::kMany);
  EXPECT_LT(end.failed, 30) << "those under way, and the tries";
  EXPECT_EQ(end.delivered, 700 - end.failed);
}

TEST_P(ShapingTest, WhoWaitsForABlockedReceiverExpires) {
  Watcher blocking;
  blocking.decide = [] { return smtp::Answer{554, "5.7.1 Your IP address is blocked, see our blacklist"}; };
  const auto server = listen(blocking);
  options_.retry.expiry = 1s;
  site("blocking.test", *server, "blocking.test");
  lay_down(1, 300, "blocking.test");
  run_until([this] { return counts(1).failed == 300; });
  EXPECT_LE(blocking.recipients, 60);
  EXPECT_EQ(sink_.all().back().reason, "blocked");
}

TEST_P(ShapingTest, WhoTurnsEverybodyAwayIsNotBesieged) {
  Watcher closed;
  closed.greeting = {554, "5.7.1 Client host rejected: cannot find your reverse hostname"};
  const auto server = listen(closed);
  options_.retry.first = options_.retry.longest = 1h;
  site("closed.test", *server, "closed.test");
  lay_down(1, 300, "closed.test");
  run_until([this] { return sink_.count(Result::deferred) == 300; });
  EXPECT_LE(closed.connections, 20);
}

TEST_P(ShapingTest, TooManyConnectionsLeadToFewer) {
  class Narrow final : public smtp::Receiver {
   public:
    std::atomic<int> open = 0, turned_away = 0;
    net::Task<smtp::Answer> connected(smtp::Visit&) override {
      if (++open <= 2) co_return smtp::Answer{};
      --open;
      ++turned_away;
      co_return smtp::Answer{421, "4.7.0 Too many concurrent connections from your address"};
    }
    net::Task<smtp::Answer> message(smtp::Visit&) override { co_return smtp::Answer{}; }
  } narrow;
  const auto server = listen(narrow);
  site("narrow.test", *server, "narrow.test");
  lay_down(1, 100, "narrow.test");
  run_until([this] { return counts(1).delivered == 100; });
  EXPECT_LE(narrow.turned_away, 10);
  EXPECT_EQ(sink_.count(Result::deferred), 0) << "nobody was harmed by the search";
}

TEST_P(ShapingTest, AHiddenLimitIsFound) {
  Watcher strict;
  strict.decide = [tokens = 50.0, last = std::chrono::steady_clock::now()]() mutable {
    const auto now = std::chrono::steady_clock::now();
    tokens = std::min(tokens + 200 * std::chrono::duration<double>(now - last).count(), 50.0);
    last = now;
    if (tokens < 1) return smtp::Answer{451, "4.7.1 Too many messages, slow down"};
    tokens -= 1;
    return smtp::Answer{};
  };
  const auto server = listen(strict);
  site("strict.test", *server, "strict.test");
  lay_down(1, 1000, "strict.test");
  run_until([this] { return counts(1).delivered == 1000; }, 60s);
  EXPECT_LT(sink_.count(Result::deferred), 150) << "the first second costs the most";
}

}  // namespace
}  // namespace todoku::delivery
