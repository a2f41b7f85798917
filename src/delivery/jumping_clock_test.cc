// The wall clock jumps, or is another one on each node, while a campaign is sent.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "base/even_clock.h"
#include "delivery/engine.h"
#include "delivery/test_peer.h"
#include "queue/counts.h"
#include "store/test_store.h"

namespace todoku::delivery {
namespace {

using namespace std::chrono_literals;

constexpr base::CampaignId kCampaign{1};
constexpr int kRecipients = 2'000;
constexpr base::Duration kLease{1500};

/// The true time, and what somebody set the clock forward or back by.
class WallClock final : public base::Clock {
 public:
  explicit WallClock(base::Duration wrong = base::Duration(0)) : wrong_(wrong.count()) {}
  [[nodiscard]] base::Time now() const override { return base::SystemClock().now() + base::Duration(wrong_); }
  void set(base::Duration wrong) { wrong_ = wrong.count(); }

 private:
  std::atomic<base::Duration::rep> wrong_;
};

class JumpingClockTest : public store::StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    rules_ = *bounce::Rules::load();
    server_ = *smtp::Server::start(runtime_, {"127.0.0.1", 0}, peer_, {});
    router_.routes["site.test"].targets = {{"mx.site.test", "127.0.0.1", server_->at().port}};
    options_.owner = "one";
    options_.session.client.helo = "mail.origin.test";
    options_.retry = {.first = 200ms, .longest = 200ms, .expiry = 2h, .spread = 0, .first_by_reason = {}};
    options_.lease = kLease;
  }

  void lay_down(base::Time now) {
    store().write_now([&](store::Connection& db) {
      std::vector<base::ContactId> contacts;
      for (int i = 1; i <= kRecipients; ++i) contacts.push_back({i});
      queue::lay_down(db, {.campaign = kCampaign, .now = now}, "site.test", contacts);
    });
  }

  std::unique_ptr<Engine> start(const base::Clock& clock, const base::Clock& wall) {
    auto engine = std::make_unique<Engine>(
        Parts{store(), source_, sink_, router_, *rules_, runtime_, clock, nullptr, false, nullptr, &wall}, options_);
    engine->start();
    return engine;
  }

  queue::Counts counts() { return queue::counts_of(*store().read(), kCampaign); }

  template <class Condition>
  static bool wait_for(Condition condition, std::chrono::seconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(1ms);
    }
    return true;
  }

  void expect_one_mail_each() const {
    const auto taken = peer_.taken();
    EXPECT_EQ(taken.size(), static_cast<std::size_t>(kRecipients));
    EXPECT_TRUE(std::ranges::all_of(taken, [](const auto& entry) { return entry.second == 1; }));
  }

  /// Every tenth is put off at first.
  Peer peer_{[](const std::string& address, int attempt) -> smtp::Answer {
    if (attempt == 1 && address.find("3@") != std::string::npos) return {451, "4.7.1 Greylisted, try again later"};
    return {};
  }};
  NumberedMails source_;
  OutcomeMemory sink_;
  FixedRouter router_;
  Options options_;
  std::unique_ptr<bounce::Rules> rules_;
  net::Runtime runtime_{{.threads = 2, .workers = 2}};
  std::unique_ptr<smtp::Server> server_;
};
TODOKU_ON_BOTH_ENGINES(JumpingClockTest);

TEST_P(JumpingClockTest, NobodyIsMissedNobodyGetsTwoAndNobodyWaitsForHours) {
  for (const base::Duration jump : {base::Duration(3h), base::Duration(-3h)}) {
    SCOPED_TRACE(jump.count());
    WallClock wall;
    base::EvenClock clock(wall.now());
    if (jump < 0s) {
      for (const char* table : {"batch", "outcome", "outcome_count", "outcome_site_count", "queue_campaign"}) {
        store().write_now([&](store::Connection& db) { db.execute("delete from " + std::string(table)); });
      }
      peer_.forget();
    }
    lay_down(wall.now());
    const auto engine = start(clock, wall);
    EXPECT_TRUE(wait_for([this] { return peer_.taken().size() > kRecipients / 10; }, 20s));
    wall.set(jump);
    const auto set_at = std::chrono::steady_clock::now();
    EXPECT_TRUE(wait_for(
        [&] {
          clock.follow(wall.now());
          return counts().finished();
        },
        20s));
    EXPECT_LT(std::chrono::steady_clock::now() - set_at, 20s);
    EXPECT_TRUE(engine->stop(5s));
    EXPECT_EQ(counts().delivered, kRecipients);
    expect_one_mail_each();
    EXPECT_LT(std::chrono::abs(sink_.all().back().at - wall.now()), 20s) << "outcomes bear the true time";
  }
}

TEST_P(JumpingClockTest, ADeadNodesBatchesAreTakenOverWhateverItsClockSaid) {
  for (const base::Duration apart : {base::Duration(3h), base::Duration(-3h)}) {
    SCOPED_TRACE(apart.count());
    store().write_now([](store::Connection& db) { db.execute("delete from batch"); });
    peer_.forget();
    const base::SystemClock ours;
    lay_down(ours.now());
    store().write_now([&](store::Connection& db) {
      ASSERT_FALSE(
          queue::claim(db, {.owner = "dead", .now = ours.now() + apart, .max_batches = 9, .except_sites = {}}).empty());
    });
    const auto begun = std::chrono::steady_clock::now();
    const auto engine = start(ours, ours);
    EXPECT_TRUE(wait_for([this] { return peer_.taken().size() == kRecipients; }, 20s));
    EXPECT_GE(std::chrono::steady_clock::now() - begun, kLease);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s);
    EXPECT_TRUE(engine->stop(5s));
    expect_one_mail_each();
  }
}

TEST_P(JumpingClockTest, ALivingNodesBatchesAreLeftAloneWhateverItsClockSays) {
  for (const base::Duration apart : {base::Duration(3h), base::Duration(-3h)}) {
    SCOPED_TRACE(apart.count());
    store().write_now([](store::Connection& db) { db.execute("delete from batch"); });
    const base::SystemClock ours;
    lay_down(ours.now());
    std::vector<base::BatchId> held;
    store().write_now([&](store::Connection& db) {
      held.clear();
      for (const auto& batch :
           queue::claim(db, {.owner = "alive", .now = ours.now() + apart, .max_batches = 9, .except_sites = {}})) {
        held.push_back(batch.id);
      }
    });
    const auto engine = start(ours, ours);
    for (int i = 0; i < 12; ++i) {
      std::this_thread::sleep_for(kLease / 6);
      std::size_t kept = 0;
      store().write_now(
          [&](store::Connection& db) { kept = queue::renew(db, "alive", held, ours.now() + apart + kLease).size(); });
      EXPECT_EQ(kept, held.size());
    }
    EXPECT_TRUE(engine->stop(5s));
    EXPECT_TRUE(peer_.taken().empty());
  }
}

}  // namespace
}  // namespace todoku::delivery
