#include "audience/outage.h"

#include <gmock/gmock.h>

#include <set>

#include "audience/contact.h"
#include "audience/stops.h"
#include "store/test_store.h"

namespace todoku::audience {
namespace {

using bounce::Effect;
using bounce::Reason;
using testing::IsEmpty;
using testing::SizeIs;
using namespace std::chrono_literals;

constexpr base::Time kStart{1'800'000'000'000ms};  // a whole minute

TEST(Leap, NeedsManyErrorsAndALargeShareAndMoreThanUsual) {
  const OutageLimits limits;
  const auto leap = [&](std::vector<SiteMinute> window, double usual) {
    return find_leap(limits, window, usual, 100).has_value();
  };
  EXPECT_TRUE(leap({{100, 20, 20, 0}}, 0.02));
  EXPECT_FALSE(leap({{100, 14, 14, 0}}, 0.02)) << "few";
  EXPECT_FALSE(leap({{100, 200, 20, 0}}, 0.02)) << "a small share";
  EXPECT_FALSE(leap({{100, 100, 40, 0}}, 0.1)) << "as usual, nearly";
  EXPECT_FALSE(leap({{70, 20, 20, 0}}, 0.02)) << "long ago";
  EXPECT_FALSE(leap({}, 0.02));
  EXPECT_TRUE(leap({{100, 100, 100, 0}, {99, 3000, 90, 0}}, 0.03)) << "much was well until a minute ago";
}

TEST(Leap, BeginsAMinuteBeforeTheRunOfBadOnes) {
  const std::vector<SiteMinute> window{{100, 50, 50, 0}, {99, 50, 50, 0}, {98, 50, 25, 0}, {97, 50, 1, 0}};
  EXPECT_EQ(find_leap({}, window, 0.02, 100)->began, 97);
}

TEST(Leap, WeighsLateBouncesAgainstTheMailsOfADay) {
  EXPECT_FALSE(find_leap({}, std::vector<SiteMinute>{{1000, 0, 0, 30}, {500, 1000, 0, 0}}, 0.02, 1000));
  EXPECT_TRUE(find_leap({}, std::vector<SiteMinute>{{1000, 0, 0, 300}, {500, 1000, 0, 0}}, 0.02, 1000));
  EXPECT_FALSE(find_leap({}, std::vector<SiteMinute>{{1000, 20, 0, 30}}, 0.02, 1000)) << "of mails of other days";
}

/// A provider's errors over a whole campaign, replayed.
class OutageReplay : public store::StoreTest {
 protected:
  static constexpr int kReaders = 100'000;
  static constexpr const char* kSite = "big.example";

  OutageReplay() {
    store().write_now([](store::Connection& db) {
      const auto load = db.load("contact", "id, address, address_key, domain, consent, created_at, changed_at");
      for (int i = 1; i <= kReaders; ++i) {
        const std::string address = std::to_string(i) + "@" + domain(i);
        load->row({i, address, address, domain(i), "form", 0, 0});
      }
      load->finish();
    });
  }
  // One of three readers is at the provider; of a hundred, three are dead.
  static std::string domain(int reader) { return reader % 3 == 0 ? kSite : "other" + std::to_string(reader % 7); }
  static bool dead(int reader) { return reader % 100 < 3; }
  [[nodiscard]] static Event event(int reader, base::Time at, base::CampaignId campaign, bool refused) {
    Event event;
    event.contact = {reader};
    event.campaign = campaign;
    event.at = at;
    event.permanent = true;
    event.site = domain(reader);
    event.reason = refused ? Reason::user_unknown : Reason::delivered;
    event.effect = refused ? Effect::hard : Effect::none;
    if (refused) event.reply = "550 5.1.1 no such user";
    return event;
  }
  void record(const std::vector<Event>& events) {
    store().write_now([&](store::Connection& db) { policy_.record(db, events); });
  }
  /// All readers within three hours, in groups as delivery commits them; `refuses` says when the provider does.
  template <class Refuses>
  void send(base::CampaignId campaign, base::Time start, Refuses refuses) {
    std::vector<Event> group;
    for (int reader = 1; reader <= kReaders; ++reader) {
      const base::Time at = start + base::Duration{std::int64_t{reader} * 10'800'000 / kReaders};
      const bool held = held_until_ > at && domain(reader) == kSite;
      if (held) {
        waiting_.push_back(reader);
        continue;
      }
      group.push_back(event(reader, at, campaign, dead(reader) || (domain(reader) == kSite && refuses(at))));
      if (reader % 200 != 0) continue;
      record(group);
      group.clear();
      const auto db = store().read();
      for (const Outage& outage : outages(*db)) held_until_ = std::max(held_until_, outage.hold_until);
    }
    record(group);
  }
  std::set<int> stopped() {
    std::set<int> all;
    const auto db = store().read();
    auto rows = db->query("select id from contact where state = 'stopped'");
    while (rows.next()) all.insert(static_cast<int>(rows.integer(0)));
    return all;
  }

  StopPolicy policy_;
  base::Time held_until_{};
  std::vector<int> waiting_;  // whom nothing was sent to while their provider rested
};
TODOKU_ON_BOTH_ENGINES(OutageReplay);

TEST_P(OutageReplay, NoLivingReaderIsStoppedAndTheDeadOnesAre) {
  const base::Time begins = kStart + 1h + 7s, ends = begins + 1h;
  send({1}, kStart, [&](base::Time at) { return at >= begins && at < ends; });
  const auto open = outages(*store().read());
  ASSERT_THAT(open, SizeIs(1));
  EXPECT_EQ(open[0].site, kSite);
  EXPECT_GT(open[0].held, 10);
  EXPECT_TRUE(open[0].ended_at) << "it ended by itself";
  for (const int reader : stopped()) EXPECT_TRUE(dead(reader)) << reader;
  for (int reader = 1; reader <= kReaders; ++reader) {
    if (!dead(reader) || domain(reader) == kSite) continue;
    ASSERT_TRUE(stopped().contains(reader)) << "of other providers, " << reader;
    break;
  }
  EXPECT_LT(waiting_.size(), 15'000U) << "it was let go again";

  // One step: those in review are let go; the next campaign finds out who is dead.
  store().write_now([&](store::Connection& db) { ASSERT_TRUE(decide_outage(db, open[0].id, false, ends + 2h)); });
  const auto after_one = stopped();
  waiting_.clear();
  held_until_ = {};
  send({2}, kStart + 24h, [](base::Time) { return false; });
  std::set<int> all_dead;
  for (int reader = 1; reader <= kReaders; ++reader) {
    if (dead(reader)) all_dead.insert(reader);
  }
  EXPECT_EQ(stopped(), all_dead);
  EXPECT_GT(after_one.size(), all_dead.size() * 8 / 10) << "before and after the outage they were stopped at once";
  EXPECT_THAT(outages(*store().read()), IsEmpty());
}

TEST_P(OutageReplay, WhatWasHeldCanBeCarriedOutButNotOnWhoRefusedMeanwhile) {
  std::vector<Event> group;
  for (int reader = 3; reader <= 300; reader += 3) group.push_back(event(reader, kStart, {1}, true));
  record(group);
  EXPECT_THAT(stopped(), IsEmpty());
  ASSERT_THAT(outages(*store().read()), SizeIs(1));
  EXPECT_THAT(find_stops(*store().read(), {}), IsEmpty());
  EXPECT_EQ(outages(*store().read())[0].held, 100);
  EXPECT_THAT(held_sites(*store().read(), kStart + 1min), testing::ElementsAre(testing::Pair(kSite, kStart + 10min)));
  EXPECT_THAT(held_sites(*store().read(), kStart + 20min), IsEmpty());
  store().write_now([&](store::Connection& db) {
    ASSERT_TRUE(unsubscribe(db, {3}, "unsubscribed", kStart));
    const OutageId id = outages(db)[0].id;
    EXPECT_EQ(*decide_outage(db, id, true, kStart + 1h), 99);
    EXPECT_EQ(decide_outage(db, id, true, kStart + 1h).error().code, base::ErrorCode::exists);
    EXPECT_EQ(decide_outage(db, {999}, true, kStart + 1h).error().code, base::ErrorCode::not_found);
  });
  EXPECT_THAT(stopped(), SizeIs(99));
  EXPECT_THAT(find_stops(*store().read(), {}), SizeIs(99));
}

TEST_P(OutageReplay, AfterManyAcceptedMailsAFewLateBouncesAreAsUsual) {
  std::vector<Event> group;
  for (int reader = 3; reader <= 3000; reader += 3) group.push_back(event(reader, kStart, {1}, false));
  record(group);
  group.clear();
  for (int reader = 3; reader <= 120; reader += 3) {
    group.push_back(event(reader, kStart + 10min, {1}, true));
    group.back().late = true;
  }
  record(group);
  EXPECT_THAT(outages(*store().read()), IsEmpty());
  EXPECT_THAT(stopped(), SizeIs(40));
}

TEST_P(OutageReplay, AListThatIsBadEverywhereAndAlwaysIsNoOutage) {
  for (int round = 0; round < 100; ++round) {
    std::vector<Event> group;
    for (int i = 1; i <= 100; ++i) {
      const int reader = 3 * (round * 100 + i);
      group.push_back(event(reader, kStart + round * 1min, {1}, i % 6 == 0));
    }
    record(group);
  }
  EXPECT_THAT(outages(*store().read()), IsEmpty());
  EXPECT_THAT(stopped(), SizeIs(1600));
}

}  // namespace
}  // namespace todoku::audience
