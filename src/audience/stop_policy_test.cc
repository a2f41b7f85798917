#include "audience/stop_policy.h"

#include <gmock/gmock.h>

#include "audience/contact.h"
#include "audience/stops.h"
#include "audience/suppression.h"
#include "store/test_store.h"

namespace todoku::audience {
namespace {

using bounce::Effect;
using bounce::Reason;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Action = Decision::Action;
using namespace std::chrono_literals;

constexpr base::Time kNow{1'700'000'000'000ms};
constexpr base::CampaignId kFirst{1}, kSecond{2}, kThird{3}, kFourth{4}, kFifth{5}, kSixth{6};

Event failure(Reason reason, Effect effect, base::CampaignId campaign = kFirst) {
  return {.contact = base::ContactId{1},
          .campaign = campaign,
          .at = kNow,
          .reason = reason,
          .effect = effect,
          .permanent = true,
          .reply = "550 no"};
}

TEST(StopDecision, StopsAtTheFirstHardError) {
  EXPECT_EQ(decide({}, {}, failure(Reason::user_unknown, Effect::hard)), (Decision{Action::stop, 1}));
  EXPECT_EQ(decide({.defaults = {.hard = 2}}, {}, failure(Reason::host_unknown, Effect::hard)),
            (Decision{Action::count, 1}));
  EXPECT_EQ(decide({.defaults = {.hard = 0}}, {}, failure(Reason::host_unknown, Effect::hard)), Decision{});
}

TEST(StopDecision, CountsErrorsOfTheMailboxUpToTheirLimit) {
  for (const auto reason : {Reason::mailbox_full, Reason::account_disabled, Reason::recipient_refused}) {
    const auto event = failure(reason, Effect::soft, kThird);
    EXPECT_EQ(decide({}, {}, event), (Decision{Action::count, 1}));
    EXPECT_EQ(decide({}, {1, kFirst}, event), (Decision{Action::count, 2}));
    EXPECT_EQ(decide({}, {2, kSecond}, event), (Decision{Action::stop, 3}));
    EXPECT_EQ(decide({.rules = {{.cause = reason, .errors = 2}}}, {1, kFirst}, event), (Decision{Action::stop, 2}));
    EXPECT_EQ(decide({.defaults = {.mailbox = 0}}, {9, kFirst}, event), Decision{});
  }
}

TEST(StopDecision, NeverCountsWhatIsNotTheAddresssFault) {
  for (const auto effect : {Effect::message, Effect::sender, Effect::slow_down, Effect::hold, Effect::none}) {
    for (int r = 0; r < bounce::kReasonCount; ++r) {
      const auto reason = static_cast<Reason>(r);
      if (reason == Reason::delivered) continue;
      EXPECT_EQ(decide({.rules = {{.cause = reason, .errors = 1}}}, {100, kFirst}, failure(reason, effect, kSecond)),
                Decision{});
    }
  }
  for (const auto reason : {Reason::system_full, Reason::system_error, Reason::mailer_error, Reason::network_error,
                            Reason::expired, Reason::relay_denied, Reason::unknown}) {
    EXPECT_EQ(decide({}, {100, kFirst}, failure(reason, Effect::soft, kSecond)), Decision{});
  }
}

TEST(StopDecision, WaitsForTheRowToLastItsDays) {
  const StopRules rules{.rules = {{.cause = Reason::mailbox_full, .errors = 2, .days = 7}}};
  auto event = failure(Reason::mailbox_full, Effect::soft, kFifth);
  const ErrorCount before{4, kFourth, std::nullopt, kNow};
  event.at = kNow + 7 * 24h - 1ms;
  EXPECT_EQ(decide(rules, before, event), (Decision{Action::count, 5}));
  event.at = kNow + 7 * 24h;
  EXPECT_EQ(decide(rules, before, event), (Decision{Action::stop, 5}));
  // Few errors in a long time are no row yet either.
  event.campaign = kSecond;
  EXPECT_EQ(decide({.rules = {{.cause = Reason::mailbox_full, .errors = 3, .days = 7}}}, {1, kFirst, {}, kNow}, event),
            (Decision{Action::count, 2}));
}

TEST(StopDecision, CountsTheDaysFromTheFirstErrorOfTheRow) {
  auto event = failure(Reason::mailbox_full, Effect::soft, kSecond);
  event.at = kNow + 24h;
  EXPECT_EQ(with_error({}, event).first_at, event.at);
  EXPECT_EQ(with_error({1, kFirst, std::nullopt, kNow}, event).first_at, kNow);
  EXPECT_EQ(with_error({1, kFirst, std::nullopt, kNow}, event).errors, 2);
  EXPECT_EQ(with_error({1, kFirst, kThird, kNow}, event).first_at, event.at);  // a delivery came between
  EXPECT_EQ(with_error({1, kFirst, kThird, kNow}, event).errors, 1);
  EXPECT_EQ(with_error({1, kFirst, std::nullopt, event.at + 1h}, event).first_at, event.at);  // told late
}

TEST(StopDecision, HoldsTheRuleOfTheReceiver) {
  const StopRules rules{.rules = {{.cause = ErrorKind::hard, .receiver = "gmail", .errors = 2},
                                  {.cause = Reason::expired, .receiver = "example.jp", .errors = 1}}};
  auto gone = failure(Reason::user_unknown, Effect::hard);
  EXPECT_EQ(decide(rules, {}, gone).action, Action::stop);
  gone.provider = "gmail";
  EXPECT_EQ(decide(rules, {}, gone).action, Action::count);
  auto expired = failure(Reason::expired, Effect::soft);
  EXPECT_EQ(decide(rules, {}, expired), Decision{});
  expired.site = "example.jp";
  EXPECT_EQ(decide(rules, {}, expired).action, Action::stop);
}

TEST(StopDecision, TakesADeadAddressThatWasOnlyHintedAtForNone) {
  const StopRules rules{.rules = {{.cause = Reason::user_unknown, .errors = 1}}};
  EXPECT_EQ(decide(rules, {}, failure(Reason::user_unknown, Effect::soft)), Decision{});
}

TEST(StopDecision, CountsACampaignOnceAndOnlyWhatWasGivenUp) {
  const auto event = failure(Reason::mailbox_full, Effect::soft);
  EXPECT_EQ(decide({}, {1, kFirst}, event), Decision{});
  auto deferred = failure(Reason::mailbox_full, Effect::soft, kSecond);
  deferred.permanent = false;
  EXPECT_EQ(decide({}, {2, kFirst}, deferred), Decision{});
  auto elsewhere = failure(Reason::mailbox_full, Effect::soft, base::CampaignId{});
  EXPECT_EQ(decide({}, {1, base::CampaignId{}}, elsewhere), (Decision{Action::count, 2}));
}

TEST(StopDecision, TakesAComplaintAsARefusal) {
  auto complaint = failure(Reason::complaint, Effect::unsubscribe);
  EXPECT_EQ(decide({}, {}, complaint).action, Action::unsubscribe);
  complaint.proven = false;  // or anybody could unsubscribe anybody
  EXPECT_EQ(decide({}, {}, complaint), Decision{});
}

class StopPolicyTest : public store::StoreTest {
 protected:
  StopPolicyTest() {
    store().write_now([&](store::Connection& db) {
      for (const auto* address : {"a@example.jp", "b@example.jp", "c@example.jp"}) {
        ids_.push_back(
            add_contact(db, {.address = address, .name = "", .fields = {}, .consent = "form"}, kNow).value());
      }
    });
  }
  static Event full(base::ContactId contact, base::CampaignId campaign) {
    auto event = failure(Reason::mailbox_full, Effect::soft, campaign);
    event.contact = contact;
    return event;
  }
  static Event delivery(base::ContactId contact, base::CampaignId campaign) {
    return {.contact = contact,
            .campaign = campaign,
            .at = kNow,
            .reason = Reason::delivered,
            .effect = {},
            .permanent = true,
            .reply = {}};
  }
  void record(const std::vector<Event>& events) {
    store().write_now([&](store::Connection& db) { policy_.record(db, events); });
  }
  State state(base::ContactId contact) { return find_contact(*store().read(), contact)->state; }
  std::int64_t count(std::string_view sql) { return *store().read()->query_integer(sql); }

  StopPolicy policy_;
  std::vector<base::ContactId> ids_;
};
TODOKU_ON_BOTH_ENGINES(StopPolicyTest);

TEST_P(StopPolicyTest, StopsWithCauseAtOnceOrAfterThreeInARow) {
  auto gone = failure(Reason::user_unknown, Effect::hard, kSecond);
  gone.contact = ids_[0];
  gone.reply = "550 5.1.1 no such user";
  record({gone, full(ids_[1], kFirst)});
  record({full(ids_[1], kSecond), delivery(ids_[2], kSecond)});
  EXPECT_EQ(state(ids_[1]), State::active);
  record({full(ids_[1], kThird)});
  EXPECT_EQ(state(ids_[0]), State::stopped);
  EXPECT_EQ(state(ids_[1]), State::stopped);
  EXPECT_EQ(state(ids_[2]), State::active);
  const auto db = store().read();
  const auto stops = find_stops(*db, {});
  ASSERT_THAT(stops, SizeIs(2));
  EXPECT_EQ(stops[0].address, "a@example.jp");
  EXPECT_EQ(stops[0].reason, Reason::user_unknown);
  EXPECT_EQ(stops[0].campaign, kSecond);
  EXPECT_EQ(stops[0].reply, "550 5.1.1 no such user");
  EXPECT_EQ(stops[0].at, kNow);
  EXPECT_EQ(stops[1].reason, Reason::mailbox_full);
  EXPECT_EQ(stops[1].errors, 3);
}

TEST_P(StopPolicyTest, CountsEachKindForItselfAndForgetsAtADelivery) {
  auto refused = full(ids_[0], kThird);
  refused.reason = Reason::recipient_refused;
  record({full(ids_[0], kFirst), full(ids_[0], kSecond), refused});
  EXPECT_EQ(count("select count(*) from contact_error"), 2);
  EXPECT_EQ(count("select errors from contact_error where kind = 'mailbox_full'"), 2);
  record({delivery(ids_[0], kFourth), delivery(ids_[1], kFourth)});
  record({full(ids_[0], kFifth), full(ids_[0], kSixth)});
  EXPECT_EQ(count("select errors from contact_error where kind = 'mailbox_full'"), 2);
  EXPECT_EQ(state(ids_[0]), State::active);
}

TEST_P(StopPolicyTest, ABounceTakesBackWhatTheAcceptanceOfThatMailSetBack) {
  // The server accepts every mail and bounces it an hour later.
  for (const auto campaign : {kFirst, kSecond, kThird}) {
    EXPECT_EQ(state(ids_[0]), State::active);
    record({delivery(ids_[0], campaign)});
    record({full(ids_[0], campaign)});
  }
  EXPECT_EQ(state(ids_[0]), State::stopped);
  // Here the second one arrived.
  record({full(ids_[1], kFirst)});
  record({delivery(ids_[1], kSecond)});
  record({full(ids_[1], kThird), full(ids_[1], kFourth)});
  EXPECT_EQ(state(ids_[1]), State::active);
}

TEST_P(StopPolicyTest, WhatIsNotSurelyAboutOurMailStopsOnlyInARow) {
  auto gone = failure(Reason::user_unknown, Effect::hard, kFirst);
  gone.contact = ids_[0];
  gone.proven = false;
  record({gone});
  EXPECT_EQ(state(ids_[0]), State::active);
  for (const auto campaign : {kSecond, kThird}) {
    gone.campaign = campaign;
    record({gone});
  }
  EXPECT_EQ(state(ids_[0]), State::stopped);
}

TEST_P(StopPolicyTest, KeepsWhichRuleOfWhichVersionDecided) {
  auto gone = failure(Reason::user_unknown, Effect::hard);
  gone.contact = ids_[0];
  record({gone});
  std::int64_t version = 0;
  store().write_now([&](store::Connection& db) {
    version = add_policy(db, {{.cause = Reason::mailbox_full, .errors = 2, .days = 7}}, {"", "", kNow});
  });
  record({full(ids_[1], kFirst)});  // another version holds from the next error on, in a policy that is in use
  auto again = full(ids_[1], kSecond);
  again.at = kNow + 6 * 24h;
  record({again});
  EXPECT_EQ(state(ids_[1]), State::active);
  again.at = kNow + 7 * 24h;
  again.campaign = kThird;
  record({again});
  const auto stops = find_stops(*store().read(), {});
  ASSERT_THAT(stops, SizeIs(2));
  EXPECT_EQ(stops[0].rule, "hard=1");
  EXPECT_EQ(stops[0].version, 0);
  EXPECT_EQ(stops[1].rule, "mailbox_full=2/7d");
  EXPECT_EQ(stops[1].version, version);
  EXPECT_EQ(stops[1].errors, 3);
  // Back to the defaults, again without a new policy object.
  store().write_now([&](store::Connection& db) { (void)add_policy(db, {}, {"", "", kNow + 1h}); });
  record({full(ids_[2], kFirst), full(ids_[2], kSecond)});
  EXPECT_EQ(state(ids_[2]), State::active);
}

TEST_P(StopPolicyTest, AnOpeningSetsTheCountsBack) {
  record({full(ids_[0], kFirst), full(ids_[0], kSecond), full(ids_[1], kFirst), full(ids_[1], kSecond)});
  store().write_now([&](store::Connection& db) {
    const std::vector<Opening> openings = {{.contact = ids_[0], .at = kNow + 1h},
                                           {.contact = ids_[0], .at = kNow - 1h},
                                           {.contact = ids_[1], .at = kNow - 1h},  // before its errors
                                           {.contact = base::ContactId{999}, .at = kNow}};
    policy_.opened(db, openings);
    policy_.opened(db, {});
  });
  record({full(ids_[0], kThird), full(ids_[1], kThird)});
  EXPECT_EQ(state(ids_[0]), State::active);
  EXPECT_EQ(state(ids_[1]), State::stopped);
  EXPECT_EQ(count("select errors from contact_error where contact = 1"), 1);
}

TEST_P(StopPolicyTest, AnOpeningKeepsTheCountsWhoseRuleSaysSo) {
  store().write_now([&](store::Connection& db) {
    const StopRule kept{.cause = Reason::mailbox_full, .receiver = "gmail", .errors = 3, .reset_on_open = false};
    (void)add_policy(db, {kept}, {"", "", kNow});
  });
  auto refused = full(ids_[0], kFirst);
  refused.reason = Reason::recipient_refused;
  record({full(ids_[0], kFirst), full(ids_[1], kFirst), refused});
  store().write_now([&](store::Connection& db) {
    const std::vector<Opening> openings = {{.contact = ids_[0], .at = kNow, .provider = "gmail"},
                                           {.contact = ids_[1], .at = kNow}};
    policy_.opened(db, openings);
  });
  EXPECT_EQ(count("select count(*) from contact_error"), 1);
  EXPECT_EQ(store().read()->query_text("select kind from contact_error"), "mailbox_full");
}

TEST_P(StopPolicyTest, KeepsTheOrderWithinAGroup) {
  record({full(ids_[0], kFirst), full(ids_[0], kSecond)});
  record({delivery(ids_[0], kThird), full(ids_[0], kFourth)});
  EXPECT_EQ(count("select errors from contact_error"), 1);
  record({full(ids_[0], kFifth), delivery(ids_[0], kSixth)});
  EXPECT_EQ(count("select cleared_by from contact_error"), 6);
  EXPECT_EQ(state(ids_[0]), State::active);
}

TEST_P(StopPolicyTest, TakesThreeReportsOfOneMailForOne) {
  record({full(ids_[0], kFirst)});
  record({full(ids_[0], kFirst), full(ids_[0], kFirst)});
  EXPECT_EQ(count("select errors from contact_error"), 1);
}

TEST_P(StopPolicyTest, UnsubscribesWhoComplains) {
  auto complaint = failure(Reason::complaint, Effect::unsubscribe);
  complaint.contact = ids_[0];
  record({complaint});
  EXPECT_EQ(state(ids_[0]), State::unsubscribed);
  EXPECT_EQ(find_suppression(*store().read(), "a@example.jp")->reason, kComplaint);
  EXPECT_THAT(find_stops(*store().read(), {}), IsEmpty());
}

TEST_P(StopPolicyTest, LeavesRefusalsAndEarlierStopsAloneAndIgnoresWhoIsGone) {
  store().write_now([&](store::Connection& db) { ASSERT_TRUE(unsubscribe(db, ids_[0], kUnsubscribed, kNow)); });
  auto gone = failure(Reason::user_unknown, Effect::hard);
  gone.contact = ids_[0];
  auto nobody = gone;
  nobody.contact = base::ContactId{999};
  auto twice = gone;
  twice.contact = ids_[1];
  auto again = twice;
  again.campaign = kSecond;
  record({gone, nobody, twice, again});
  EXPECT_EQ(state(ids_[0]), State::unsubscribed);
  EXPECT_EQ(state(ids_[1]), State::stopped);
  EXPECT_EQ(count("select count(*) from stop"), 1);
}

TEST_P(StopPolicyTest, ReleasesWithTheStateBeforeAndWithoutCounts) {
  store().write_now(
      [&](store::Connection& db) { db.execute("update contact set state = 'unconfirmed' where id = ?1", {ids_[1]}); });
  for (const auto campaign : {kFirst, kSecond, kThird}) record({full(ids_[0], campaign), full(ids_[1], campaign)});
  EXPECT_EQ(state(ids_[0]), State::stopped);
  std::vector<Stop> stops;
  store().write_now([&](store::Connection& db) {
    stops = find_stops(db, {});
    ASSERT_THAT(stops, SizeIs(2));
    release_stops(db, stops, "asked by phone", kNow + 1h);
  });
  EXPECT_EQ(state(ids_[0]), State::active);
  EXPECT_EQ(state(ids_[1]), State::unconfirmed);
  EXPECT_EQ(count("select count(*) from contact_error"), 0);
  EXPECT_THAT(find_stops(*store().read(), {}), IsEmpty());
  EXPECT_EQ(store().read()->query_text("select release_note from stop where id = ?1", {stops[0].id}), "asked by phone");
  for (const auto campaign : {4, 5, 6}) record({full(ids_[0], base::CampaignId{campaign})});
  EXPECT_EQ(state(ids_[0]), State::stopped);
  EXPECT_THAT(find_stops(*store().read(), {}), SizeIs(1));
}

TEST_P(StopPolicyTest, DoesNotReleaseWhoRefusedInTheMeantime) {
  for (const auto campaign : {kFirst, kSecond, kThird}) record({full(ids_[0], campaign)});
  store().write_now([&](store::Connection& db) {
    ASSERT_TRUE(unsubscribe(db, ids_[0], kUnsubscribed, kNow));
    release_stops(db, find_stops(db, {}), "", kNow);
  });
  EXPECT_EQ(state(ids_[0]), State::unsubscribed);
}

TEST_P(StopPolicyTest, FindsStopsByReasonListAndPage) {
  auto gone = failure(Reason::user_unknown, Effect::hard);
  std::vector<Event> events;
  for (const auto id : ids_) {
    gone.contact = id;
    events.push_back(gone);
    gone.reason = Reason::host_unknown;
  }
  record(events);
  base::ListId list;
  store().write_now([&](store::Connection& db) {
    db.execute("insert into list (name, created_at) values ('l', 0)");
    list = base::ListId{*db.query_integer("select id from list")};
    db.execute("insert into list_member (list, contact) values (?1, ?2)", {list, ids_[2]});
  });
  const auto db = store().read();
  EXPECT_THAT(find_stops(*db, {.reason = Reason::host_unknown}), SizeIs(2));
  EXPECT_THAT(find_stops(*db, {.list = list}), SizeIs(1));
  EXPECT_THAT(find_stops(*db, {.contact = ids_[0]}), SizeIs(1));
  const auto page = find_stops(*db, {.limit = 2});
  ASSERT_THAT(page, SizeIs(2));
  EXPECT_THAT(find_stops(*db, {.after = page[1].id}), SizeIs(1));
  const auto counts = count_stops(*db, {});
  ASSERT_THAT(counts, SizeIs(2));
  EXPECT_EQ(counts[0].reason, Reason::host_unknown);
  EXPECT_EQ(counts[0].stops, 2);
  EXPECT_THAT(count_stops(*db, {.list = list}), SizeIs(1));
  EXPECT_THAT(find_stops(*db, {.domain = "example.jp"}), SizeIs(3));
  EXPECT_THAT(find_stops(*db, {.domain = "example.com"}), IsEmpty());
  EXPECT_THAT(count_stops(*db, {.reason = Reason::host_unknown, .domain = "example.jp"}), SizeIs(1));
}

}  // namespace
}  // namespace todoku::audience
