#include "audience/outage.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <iterator>
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

  /// One of so many readers is at the provider.
  void begin(int share) {
    share_ = share;
    store().write_now([&](store::Connection& db) {
      const auto load = db.load("contact", "id, address, address_key, domain, consent, created_at, changed_at");
      for (int i = 1; i <= kReaders; ++i) {
        const std::string address = std::to_string(i) + "@" + domain(i);
        load->row({i, address, address, domain(i), "form", 0, 0});
      }
      load->finish();
    });
  }
  [[nodiscard]] std::string domain(int reader) const {
    return reader % share_ == 0 ? kSite : "other" + std::to_string(reader % 7);
  }
  // Of a hundred, three are dead.
  static bool dead(int reader) { return reader % 100 < 3; }
  [[nodiscard]] static base::Time sent_at(int reader, base::Time start) {
    return start + base::Duration{std::int64_t{reader} * 10'800'000 / kReaders};
  }
  [[nodiscard]] Event event(int reader, base::Time at, base::CampaignId campaign, bool refused) const {
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
      const base::Time at = sent_at(reader, start);
      const bool held = held_until_ > at && domain(reader) == kSite;
      if (held) {
        waiting_.insert(reader);
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

  /// For an hour in the middle of 100,000 sends the provider answers 550 5.1.1 to everyone.
  void replay();
  /// Everybody who is dead and was mailed outside of the outage is stopped, and nobody who lives.
  void expect_exactly_the_dead(const Outage& outage);

  StopPolicy policy_;
  int share_ = 1;
  base::Time held_until_{};
  std::set<int> waiting_;  // whom nothing was sent to while their provider rested
};
TODOKU_ON_BOTH_ENGINES(OutageReplay);

void OutageReplay::expect_exactly_the_dead(const Outage& outage) {
  const auto all = stopped();
  std::set<int> wanted, held;
  for (int reader = 1; reader <= kReaders; ++reader) {
    if (!dead(reader) || waiting_.contains(reader)) continue;
    const base::Time at = sent_at(reader, kStart);
    const bool in_outage = domain(reader) == kSite && at >= outage.began_at && at < *outage.ended_at + 1min;
    (in_outage ? held : wanted).insert(reader);
  }
  std::set<int> missed, more;
  std::ranges::set_difference(wanted, all, std::inserter(missed, missed.end()));
  std::ranges::set_difference(all, wanted, std::inserter(more, more.end()));
  EXPECT_THAT(missed, IsEmpty());
  for (const int reader : more) EXPECT_TRUE(held.contains(reader)) << reader << " lives";
  const auto before =
      std::ranges::count_if(wanted, [&](int r) { return domain(r) == kSite && sent_at(r, kStart) < outage.began_at; });
  const auto after = std::ranges::count_if(
      wanted, [&](int r) { return domain(r) == kSite && sent_at(r, kStart) >= *outage.ended_at; });
  EXPECT_GT(before, 900 / share_) << "of the provider's, in the hour before";
  EXPECT_GT(after, 500 / share_) << "of the provider's, afterwards";
}

void OutageReplay::replay() {
  const base::Time begins = kStart + 1h + 7s, ends = begins + 1h;
  send({1}, kStart, [&](base::Time at) { return at >= begins && at < ends; });
  const auto open = outages(*store().read());
  ASSERT_THAT(open, SizeIs(1));
  EXPECT_EQ(open[0].site, kSite);
  EXPECT_GT(open[0].held, 10);
  ASSERT_TRUE(open[0].ended_at) << "it ended by itself";
  EXPECT_LT(waiting_.size(), 45'000U / static_cast<unsigned>(share_)) << "it was let go again";
  expect_exactly_the_dead(open[0]);

  // One step: those in review are let go; the next campaign finds out who is dead.
  store().write_now([&](store::Connection& db) { ASSERT_TRUE(decide_outage(db, open[0].id, false, ends + 2h)); });
  waiting_.clear();
  held_until_ = {};
  send({2}, kStart + 24h, [](base::Time) { return false; });
  std::set<int> all_dead;
  for (int reader = 1; reader <= kReaders; ++reader) {
    if (dead(reader)) all_dead.insert(reader);
  }
  EXPECT_EQ(stopped(), all_dead);
  EXPECT_THAT(outages(*store().read()), IsEmpty());
}

TEST_P(OutageReplay, OfAProviderAmongOthersStopsExactlyTheDead) {
  begin(3);
  replay();
}

TEST_P(OutageReplay, OfTheOnlyProviderStopsExactlyTheDead) {
  begin(1);
  replay();
}

TEST_P(OutageReplay, WhatWasHeldCanBeCarriedOutButNotOnWhoRefusedMeanwhile) {
  begin(3);
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
  begin(3);
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
  begin(3);
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
