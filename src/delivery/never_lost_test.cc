// Nobody is missed and hardly anybody gets a mail twice, whatever becomes of the disk.
#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <random>
#include <thread>

#include "delivery/engine.h"
#include "delivery/test_peer.h"
#include "queue/counts.h"
#include "queue/queue.h"
#include "store/test_store.h"
#include "store/test_vfs.h"

namespace todoku::delivery {
namespace {

using namespace std::chrono_literals;

constexpr base::CampaignId kCampaign{1};
constexpr int kConnections = 20;
constexpr int kRecipients = 20'000;

/// A receiver that outlives the senders, on threads of its own.
class NeverLostTest : public testing::Test {
 protected:
  NeverLostTest() {
    router_.routes["site.test"].targets = {{"mx.site.test", "127.0.0.1", server_->at().port}};
    options_.owner = "test";
    options_.session.client.helo = "mail.origin.test";
    options_.connections = kConnections;
    options_.allowances =
        *Allowances::make(provider::Providers::built_in(), {{"default", "connections", "20", "test"}});
    options_.retry = {.first = 20ms, .longest = 50ms, .expiry = 1h, .spread = 0, .first_by_reason = {}};
    store_ = store::open_or_throw(place_.options());
    store_->write_now([&](store::Connection& db) {
      std::vector<base::ContactId> contacts;
      for (int i = 1; i <= kRecipients; ++i) contacts.push_back({i});
      queue::lay_down(db, {.campaign = kCampaign, .now = clock_.now()}, "site.test", contacts);
    });
  }

  queue::Counts counts() { return queue::counts_of(*store_->read(), kCampaign); }

  /// One process's life: sends until `enough`, then ends as after a fault, or in order.
  template <class Enough>
  void live(Enough enough, bool in_order) {
    store_->write_now([](store::Connection& db) { queue::end_all_leases(db); });
    net::Runtime runtime({.threads = 1, .workers = 2});
    Engine engine({*store_, source_, sink_, router_, *rules_, runtime, clock_}, options_);
    engine.start();
    while (!enough()) std::this_thread::sleep_for(1ms);
    if (in_order) EXPECT_TRUE(engine.stop(10s));
    runtime.close(0s);
    // What the writer still has of the engine's ends before the engine; without power it fails, which is as good.
    std::promise<void> idle;
    store_->write([](store::Connection&) {}, [&idle](const std::exception_ptr&) { idle.set_value(); });
    idle.get_future().wait();
  }

  /// How often somebody got it again; fails where somebody did not get it.
  int repeated() {
    const auto taken = peer_.taken();
    EXPECT_EQ(taken.size(), static_cast<std::size_t>(kRecipients)) << "missed";
    int again = 0;
    for (const auto& [address, times] : taken) again += times - 1;
    return again;
  }

  static constexpr unsigned kSeed = 20'261'124;
  base::SystemClock clock_;
  store::TestVfs disk_{kSeed};
  store::TestPlace place_{store::Engine::sqlite};
  Peer peer_;
  NumberedMails source_;
  OutcomeMemory sink_;
  FixedRouter router_;
  Options options_;
  std::unique_ptr<bounce::Rules> rules_ = *bounce::Rules::load();
  net::Runtime receiving_{{.threads = 1, .workers = 1}};
  std::unique_ptr<smtp::Server> server_ = *smtp::Server::start(receiving_, {"127.0.0.1", 0}, peer_, {});
  std::unique_ptr<store::Store> store_;
};

TEST_F(NeverLostTest, PowerCutsAtAnyMoment) {
  constexpr int kCuts = 30;
  std::mt19937 chance(kSeed);
  for (int cut = 0; cut < kCuts; ++cut) {
    const std::size_t until = peer_.taken().size() + chance() % (kRecipients / kCuts);
    live(
        [&, this] {
          if (peer_.taken().size() < until) return false;
          std::this_thread::sleep_for(std::chrono::microseconds(chance() % 20'000));
          disk_.cut_power();
          return true;
        },
        false);
    store_.reset();
    disk_.restore_power();
    store_ = store::open_or_throw(place_.options());
    std::string sound;
    auto db = store_->read();
    for (auto rows = db->query("pragma integrity_check", std::span<const store::Value>{}); rows.next();)
      sound = rows.text(0);
    ASSERT_EQ(sound, "ok");
  }
  live([this] { return counts().finished(); }, true);
  EXPECT_EQ(counts().delivered, kRecipients);
  EXPECT_GT(disk_.undone(), 0) << "no cut ever met an unsynced write";
  EXPECT_LE(repeated(), kCuts * kConnections);
}

TEST_F(NeverLostTest, ADiskWithoutRoom) {
  int phase = 0;
  std::chrono::steady_clock::time_point since;
  std::size_t standing = 0;
  const auto enough = [&, this] {
    if (phase == 0 && peer_.taken().size() > kRecipients / 4) {
      disk_.fill(true);
      phase = 1;
    } else if (phase == 1 && disk_.refused() > 0) {
      since = std::chrono::steady_clock::now();
      phase = 2;
    } else if (phase == 2 && std::chrono::steady_clock::now() > since + 500ms) {
      standing = peer_.taken().size();
      phase = 3;
    } else if (phase == 3 && std::chrono::steady_clock::now() > since + 1500ms) {
      EXPECT_EQ(peer_.taken().size(), standing) << "sent on without a durable outcome";
      disk_.fill(false);
      phase = 4;
    }
    return phase == 4 && counts().finished();
  };
  live(enough, true);
  EXPECT_EQ(counts().delivered, kRecipients);
  EXPECT_EQ(repeated(), 0);
}

}  // namespace
}  // namespace todoku::delivery
