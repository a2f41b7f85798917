#include "delivery/engine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "base/log.h"
#include "cluster/store_ledger.h"
#include "delivery/test_peer.h"
#include "delivery/warm_up_accounts.h"
#include "queue/control.h"
#include "queue/counts.h"
#include "store/test_store.h"

namespace todoku::delivery {
namespace {

using namespace std::chrono_literals;
using queue::Result;

constexpr base::CampaignId kCampaign{1};

class EngineTest : public store::StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    rules_ = *bounce::Rules::load();
    options_.owner = "test";
    options_.session.client.helo = "mail.origin.test";
    options_.session.limits.connect = 2s;
    options_.session.limits.greeting = 2s;
    options_.session.limits.command = 2s;
    options_.retry = {.first = 20ms, .longest = 50ms, .expiry = 1h, .spread = 0, .first_by_reason = {}};
  }

  /// A server, and the route of site.test to it.
  void listen(smtp::Receiver& receiver) {
    server_ = *smtp::Server::start(runtime_, {"127.0.0.1", 0}, receiver, {});
    router_.routes["site.test"].targets = {{"mx.site.test", "127.0.0.1", server_->at().port}};
  }

  void lay_down(int recipients, const std::string& site = "site.test") {
    store().write_now([&](store::Connection& db) {
      std::vector<base::ContactId> contacts;
      for (int i = 1; i <= recipients; ++i) contacts.push_back({i});
      queue::lay_down(db, {.campaign = kCampaign, .now = clock_.now()}, site, contacts);
    });
  }

  /// As a batch of its own.
  void lay_down_one(base::ContactId contact) {
    const std::vector<base::ContactId> one = {contact};
    store().write_now([&](store::Connection& db) {
      queue::lay_down(db, {.campaign = kCampaign, .now = clock_.now()}, "site.test", one);
    });
  }

  queue::Counts counts() { return queue::counts_of(*store().read(), kCampaign); }

  /// Runs an engine until every recipient has a final outcome, or the limit passed.
  void run(std::chrono::seconds limit = 20s) {
    Engine engine({store(), source_, sink_, router_, *rules_, runtime_, clock_}, options_);
    engine.start();
    wait_for([this] { return counts().finished(); }, limit);
    EXPECT_TRUE(engine.stop(5s));
  }

  template <class Condition>
  static bool wait_for(Condition condition, std::chrono::seconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::yield();
    }
    return true;
  }

  base::SystemClock clock_;
  std::atomic<int> asked_ = 0;  // by the peer's own count
  NumberedMails source_;
  OutcomeMemory sink_;
  FixedRouter router_;
  Options options_;
  std::unique_ptr<bounce::Rules> rules_;
  net::Runtime runtime_{{.threads = 2, .workers = 2}};
  std::unique_ptr<smtp::Server> server_;
};
TODOKU_ON_BOTH_ENGINES(EngineTest);

TEST_P(EngineTest, TwoNodesShareTheLimitsOfOneReceiver) {
  Peer peer;
  listen(peer);
  lay_down(300);
  options_.allowances = *Allowances::make(provider::Providers::built_in(), {{"site.test", "connections", "3", "here"}});
  cluster::StoreLedger ledgers[] = {{store::open_or_throw(options()), {.node = "one"}},
                                    {store::open_or_throw(options()), {.node = "two"}}};
  std::vector<std::unique_ptr<Engine>> engines;
  for (int i = 0; i < 2; ++i) {
    options_.owner = i == 0 ? "one" : "two";
    engines.push_back(std::make_unique<Engine>(
        Parts{store(), source_, sink_, router_, *rules_, runtime_, clock_, nullptr, false, &ledgers[i]}, options_));
    engines.back()->start();
  }
  int most = 0;
  EXPECT_TRUE(wait_for(
      [&] {
        most = std::max(most, engines[0]->connections() + engines[1]->connections());
        return counts().finished();
      },
      30s));
  EXPECT_GE(most, 1);
  EXPECT_LE(most, 3);
  for (const auto& engine : engines) EXPECT_TRUE(engine->stop(5s));
  EXPECT_EQ(peer.taken().size(), 300);
  EXPECT_TRUE(ledgers[0].look("site.test", clock_.now()).members.empty()) << "who ends holds nothing";
}

TEST_P(EngineTest, ANodeThatHasEnoughLeavesTheRestToTheOthersUntilItsNextLook) {
  Peer peer([](const std::string&, int) -> smtp::Answer {
    std::this_thread::sleep_for(20ms);
    return {};
  });
  listen(peer);
  for (int contact = 1; contact <= 1000; ++contact) lay_down_one({contact});
  options_.connections = 1;
  options_.owner = "one";
  cluster::StoreLedger ledger(store::open_or_throw(options()), {.node = "one"});
  Engine engine({store(), source_, sink_, router_, *rules_, runtime_, clock_, nullptr, false, &ledger}, options_);
  const auto begun = std::chrono::steady_clock::now();
  engine.start();
  EXPECT_TRUE(wait_for([&engine] { return engine.load() > 900; }, 30s));
  EXPECT_GE(std::chrono::steady_clock::now() - begun, 500ms) << "it took all, one look right after the other";
  EXPECT_TRUE(engine.stop(20s));
}

/// An address that is being warmed up: at most `cap` mails on its first day.
std::vector<Source> warming_up(std::int64_t cap) {
  return {{.address = "127.0.0.1", .helo = "", .warm_up = {cap, 2 * cap}}};
}

TEST_P(EngineTest, AKillMidwayThroughADayDoesNotGiveTheDaysCapAgain) {
  std::atomic<bool> hangs = true;
  Peer peer([&hangs, this](const std::string&, int) -> smtp::Answer {
    if (++asked_ == 8) wait_for([&hangs] { return !hangs; }, 20s);
    return {};
  });
  listen(peer);
  lay_down(100);
  options_.sources = warming_up(20);
  options_.connections = 1;
  {
    net::Runtime dying{{.threads = 1, .workers = 2}};
    Engine engine({store(), source_, sink_, router_, *rules_, dying, clock_}, options_);
    engine.start();
    ASSERT_TRUE(wait_for([this] { return asked_ >= 8; }, 20s));
    dying.close(0s);  // a kill: nothing is given back, nothing more is told
    for (int i = 0; i < 3; ++i) store().write_now([](store::Connection&) {});  // what was on its way to the disk
  }
  hangs = false;
  EXPECT_EQ(peer.taken().size(), 7);
  store().write_now([](store::Connection& db) { queue::end_all_leases(db); });
  Engine engine({store(), source_, sink_, router_, *rules_, runtime_, clock_}, options_);
  engine.start();
  const auto used_up = [this] {
    const auto state = warm_up_of(*store().read(), "127.0.0.1", "site.test");
    return state && state->sent == 20;
  };
  EXPECT_TRUE(wait_for([&] { return used_up() && engine.load() == 0 && engine.connections() == 0; }, 20s));
  EXPECT_TRUE(engine.stop(5s));
  EXPECT_GE(peer.taken().size(), 10) << "what the kill cost is a lot or two";
  EXPECT_LE(peer.taken().size(), 20);
  const auto taken = static_cast<std::int64_t>(peer.taken().size());
  EXPECT_LE(counts().delivered, taken);
  EXPECT_GE(counts().delivered, taken - 1) << "one was in doubt";
}

TEST_P(EngineTest, TheCapOfTheDayIsOneForTwoNodes) {
  Peer peer;
  listen(peer);
  for (int i = 0; i < 100; ++i) lay_down_one({i + 1});
  options_.sources = warming_up(20);
  options_.recipients_in_memory = 5;
  std::vector<std::unique_ptr<Engine>> engines;
  for (const char* owner : {"one", "two"}) {
    options_.owner = owner;
    engines.push_back(
        std::make_unique<Engine>(Parts{store(), source_, sink_, router_, *rules_, runtime_, clock_}, options_));
    engines.back()->start();
  }
  EXPECT_TRUE(wait_for([&] { return peer.taken().size() >= 20; }, 20s));
  for (const auto& engine : engines) EXPECT_TRUE(engine->stop(5s));
  EXPECT_EQ(peer.taken().size(), 20);
}

TEST_P(EngineTest, WhatIsLeftOfALotIsGivenBackAtTheEnd) {
  Peer peer;
  listen(peer);
  lay_down(3);
  options_.sources = warming_up(20);
  run();
  EXPECT_EQ(counts().delivered, 3);
  const auto state = warm_up_of(*store().read(), "127.0.0.1", "site.test");
  ASSERT_TRUE(state);
  EXPECT_EQ(state->sent, 3);
  EXPECT_EQ(state->answers.answers, 3);
}

TEST_P(EngineTest, ATestMailOvertakesBulkMailForTheSameReceiver) {
  Peer peer;
  listen(peer);
  lay_down(5000);
  options_.connections = 1;
  options_.recipients_in_memory = 1000;  // which bulk mail fills
  Engine engine({store(), source_, sink_, router_, *rules_, runtime_, clock_}, options_);
  engine.start();
  ASSERT_TRUE(wait_for([this] { return counts().delivered > 50; }, 20s));
  static constexpr base::CampaignId kTest{2};
  store().write_now([this](store::Connection& db) {
    const std::vector<base::ContactId> reader = {{9001}};
    queue::lay_down(db, {.campaign = kTest, .now = clock_.now(), .priority = queue::Priority::test}, "site.test",
                    reader);
  });
  EXPECT_TRUE(wait_for([this] { return queue::counts_of(*store().read(), kTest).finished(); }, 20s));
  EXPECT_LT(counts().delivered, 2000) << "what was in memory already had to wait, too";
  engine.withdraw(kCampaign);
  EXPECT_TRUE(engine.stop(5s));
}

/// The address that a server quotes, and the mail's text, are nowhere in the log.
TEST_P(EngineTest, TheLogHasALineForEveryOutcomeWithoutTheReader) {
  Peer peer([](const std::string& address, int) -> smtp::Answer {
    if (address == "reader-2@site.test") return {550, "5.1.1 <" + address + "> from bounces@origin.test: unknown"};
    return {};
  });
  listen(peer);
  lay_down(2);
  base::log::set_level(base::log::Level::info);
  testing::internal::CaptureStderr();
  Engine engine({store(), source_, sink_, router_, *rules_, runtime_, clock_, nullptr, true}, options_);
  engine.start();
  wait_for([this] { return counts().finished(); }, 20s);
  EXPECT_TRUE(engine.stop(5s));
  const std::string log = testing::internal::GetCapturedStderr();
  base::log::set_level(base::log::Level::warning);
  EXPECT_NE(log.find("event=outcome campaign=1 contact=1 batch=1 attempt=1 result=delivered reason=\"\" code=250"),
            std::string::npos)
      << log;
  EXPECT_NE(log.find("contact=2 batch=1 attempt=1 result=failed reason=user_unknown code=550 site=site.test "
                     "receiver=site.test remote=\"mx.site.test [127.0.0.1]\" reply=\"550 5.1.1 <…@site.test>"),
            std::string::npos)
      << log;
  for (const char* secret : {"reader-", "bounces@", "hello", "Subject"}) EXPECT_EQ(log.find(secret), std::string::npos);
}

TEST_P(EngineTest, EveryRecipientGetsOneMailAndOneFinalOutcome) {
  Peer peer;
  listen(peer);
  lay_down(2500);
  run();
  EXPECT_EQ(counts().delivered, 2500);
  const auto taken = peer.taken();
  EXPECT_EQ(taken.size(), 2500U);
  EXPECT_TRUE(std::ranges::all_of(taken, [](const auto& entry) { return entry.second == 1; }));
}

TEST_P(EngineTest, ARefusalFailsAndADeferralIsTriedAgain) {
  Peer peer([](const std::string& address, int attempt) -> smtp::Answer {
    if (address == "reader-3@site.test") return {550, "5.1.1 User unknown"};
    if (address == "reader-5@site.test" && attempt < 3) return {451, "4.7.1 Greylisted, please try again later"};
    return {};
  });
  listen(peer);
  lay_down(10);
  run();
  EXPECT_EQ(counts().delivered, 9);
  EXPECT_EQ(counts().failed, 1);
  EXPECT_EQ(sink_.count(Result::deferred), 2);
  const auto outcomes = sink_.all();
  const auto failed = std::ranges::find(outcomes, Result::failed, &queue::Outcome::result);
  ASSERT_NE(failed, outcomes.end());
  EXPECT_EQ(failed->reason, "user_unknown");
  EXPECT_EQ(failed->status, "5.1.1");
  EXPECT_EQ(failed->contact, base::ContactId{3});
}

TEST_P(EngineTest, ADomainThatDoesNotExistFailsWithoutAConnection) {
  lay_down(30, "nowhere.test");
  run();
  EXPECT_EQ(counts().failed, 30);
  EXPECT_EQ(sink_.all().front().reason, "host_unknown");
}

TEST_P(EngineTest, WhatIsDeferredForTooLongExpires) {
  options_.retry.expiry = 100ms;
  Peer peer([](const std::string&, int) -> smtp::Answer { return {452, "4.2.2 The mailbox is full"}; });
  listen(peer);
  lay_down(1);
  run();
  EXPECT_EQ(counts().failed, 1);
  EXPECT_EQ(sink_.all().back().reason, "mailbox_full");
}

TEST_P(EngineTest, ADeadServerDefersEverybodyAtOnceAndTheNextOneTakesOver) {
  options_.retry.expiry = 100ms;
  router_.routes["site.test"].targets = {{"dead.site.test", "127.0.0.1", 1}};
  lay_down(50);
  run();
  EXPECT_EQ(counts().failed, 50);
  EXPECT_EQ(sink_.all().back().reason, "expired");
}

TEST_P(EngineTest, ASecondExchangerIsTriedWhereTheFirstIsDown) {
  Peer peer;
  listen(peer);
  auto& targets = router_.routes["site.test"].targets;
  targets.insert(targets.begin(), {"dead.site.test", "127.0.0.1", 1});
  lay_down(20);
  run();
  EXPECT_EQ(counts().delivered, 20);
}

TEST_P(EngineTest, WhoMayNotBeMailedIsSkipped) {
  Peer peer;
  listen(peer);
  source_.not_now = {{2}, {4}};
  lay_down(5);
  run();
  EXPECT_EQ(counts().delivered, 3);
  EXPECT_EQ(counts().skipped, 2);
}

TEST_P(EngineTest, APausedCampaignStopsAndGoesOnWhereItWas) {
  Peer peer;
  listen(peer);
  lay_down(5000);
  {
    Engine engine({store(), source_, sink_, router_, *rules_, runtime_, clock_}, options_);
    engine.start();
    ASSERT_TRUE(wait_for([this] { return counts().delivered > 100; }, 20s));
    store().write_now([](store::Connection& db) { queue::pause(db, kCampaign); });
    engine.withdraw(kCampaign);
    ASSERT_TRUE(wait_for([&engine] { return engine.load() == 0; }, 5s));
    EXPECT_TRUE(engine.stop(5s));
  }
  EXPECT_LT(counts().delivered, 5000);
  store().write_now([](store::Connection& db) { queue::resume(db, kCampaign); });
  run();
  EXPECT_EQ(counts().delivered, 5000);
  const auto taken = peer.taken();
  EXPECT_TRUE(std::ranges::all_of(taken, [](const auto& entry) { return entry.second == 1; }));
}

}  // namespace
}  // namespace todoku::delivery
