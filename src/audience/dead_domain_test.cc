#include "audience/dead_domain.h"

#include <gmock/gmock.h>

#include "audience/contact.h"
#include "audience/policy_replay.h"
#include "audience/stop_policy.h"
#include "audience/stops.h"
#include "store/test_store.h"

namespace todoku::audience {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace std::chrono_literals;

constexpr base::Time kNow{1'700'000'000'000ms};

WatchedDomain answered(WatchedDomain domain, DomainAnswer answer, base::Time at) {
  return after_answer(std::move(domain), answer, at, 3, 5min);
}

TEST(DeadDomain, IsDeadOnceDnsSaidSoOnSeveralDays) {
  WatchedDomain domain{.domain = "gone.example", .answer = "", .since = kNow, .checked_at = {}, .next_check_at = kNow};
  domain = answered(domain, DomainAnswer::dead, kNow);
  EXPECT_EQ(domain.state, DomainState::suspected);
  EXPECT_EQ(domain.next_check_at, kNow + 24h + 5min);
  domain = answered(domain, DomainAnswer::dead, kNow + 24h);
  EXPECT_EQ(domain.state, DomainState::suspected);
  EXPECT_EQ(domain.since, kNow);
  domain = answered(domain, DomainAnswer::dead, kNow + 48h);
  EXPECT_EQ(domain.state, DomainState::dead);
  EXPECT_EQ(domain.since, kNow + 48h);
  EXPECT_EQ(domain.dead_days, 3);
}

TEST(DeadDomain, IsNotJudgedByWhatNobodyAnswered) {
  WatchedDomain domain{.domain = "gone.example", .answer = "", .since = kNow, .checked_at = {}, .next_check_at = kNow};
  domain.dead_days = 2;
  domain = answered(domain, DomainAnswer::unknown, kNow);
  EXPECT_EQ(domain.dead_days, 2);
  EXPECT_EQ(domain.state, DomainState::suspected);
  EXPECT_EQ(domain.next_check_at, kNow + 1h + 5min);
  EXPECT_FALSE(domain.checked_at);
}

TEST(DeadDomain, LivesAgainAtTheFirstSign) {
  WatchedDomain domain{.domain = "gone.example", .answer = "", .since = kNow, .checked_at = {}, .next_check_at = kNow};
  domain.state = DomainState::dead;
  domain.dead_days = 40;
  domain = answered(domain, DomainAnswer::alive, kNow + 1h);
  EXPECT_EQ(domain.state, DomainState::alive);
  EXPECT_EQ(domain.dead_days, 0);
  EXPECT_EQ(domain.since, kNow + 1h);
}

class DeadDomainTest : public store::StoreTest {
 protected:
  DeadDomainTest() {
    in_job([&](store::Connection& db) {
      for (const auto* address :
           {"a@gone.example", "b@gone.example", "c@gone.example", "d@well.example", "e@gone.example"}) {
        ids_.push_back(
            add_contact(db, {.address = address, .name = "", .fields = {}, .consent = "form"}, kNow).value());
      }
      (void)unsubscribe(db, ids_[4], "unsubscribed", kNow);
    });
  }
  template <class F>
  void in_job(F work) {
    store().write_now([&](store::Connection& db) { work(db); });
  }
  void fail(base::ContactId contact, bounce::Reason reason, base::Time at = kNow) {
    in_job([&](store::Connection& db) {
      StopPolicy policy;
      const Event gone{.contact = contact,
                       .campaign = base::CampaignId{base::to_stored(at)},
                       .at = at,
                       .reason = reason,
                       .effect = bounce::Effect::hard,
                       .permanent = true,
                       .reply = "no such domain"};
      (void)policy.record(db, std::span(&gone, 1));
    });
  }
  std::int64_t watch(base::Time at = kNow) {
    std::int64_t watched = 0;
    in_job([&](store::Connection& db) { watched = watch_domains(db, at); });
    return watched;
  }
  WatchedDomain due(base::Time at = kNow) { return due_domains(*store().read(), at, 10).at(0); }
  State state(int n) { return find_contact(*store().read(), ids_.at(static_cast<std::size_t>(n)))->state; }

  std::vector<base::ContactId> ids_;
};
TODOKU_ON_BOTH_ENGINES(DeadDomainTest);

TEST_P(DeadDomainTest, IsWatchedWhereADomainFailed) {
  EXPECT_EQ(watch(), 0);
  fail(ids_[3], bounce::Reason::user_unknown);
  EXPECT_EQ(watch(), 0);
  fail(ids_[0], bounce::Reason::host_unknown);
  EXPECT_EQ(watch(), 1);
  EXPECT_EQ(watch(), 0);  // once
  EXPECT_EQ(due().domain, "gone.example");
  EXPECT_EQ(due().state, DomainState::suspected);
  EXPECT_THAT(due_domains(*store().read(), kNow - 1ms, 10), IsEmpty());
}

TEST_P(DeadDomainTest, IsAskedByOneProcessAtATime) {
  fail(ids_[0], bounce::Reason::host_unknown);
  watch();
  const WatchedDomain domain = due();
  in_job([&](store::Connection& db) {
    EXPECT_TRUE(claim_domain(db, domain, kNow));
    EXPECT_FALSE(claim_domain(db, domain, kNow));
  });
  EXPECT_THAT(due_domains(*store().read(), kNow + 59min, 10), IsEmpty());
  EXPECT_THAT(due_domains(*store().read(), kNow + 61min, 10), SizeIs(1));  // the process ended meanwhile
}

TEST_P(DeadDomainTest, StopsItsReadersTogetherInGroups) {
  fail(ids_[0], bounce::Reason::host_unknown);
  watch();
  WatchedDomain domain = due();
  domain.state = DomainState::dead;
  domain.answer = "the domain takes no mail";
  in_job([&](store::Connection& db) {
    EXPECT_EQ(stop_domain(db, domain, bounce::Reason::no_mail_accepted, kNow, 1), 1);
    EXPECT_EQ(stop_domain(db, domain, bounce::Reason::no_mail_accepted, kNow, 5), 1);
    EXPECT_EQ(stop_domain(db, domain, bounce::Reason::no_mail_accepted, kNow, 5), 0);
  });
  EXPECT_EQ(state(1), State::stopped);
  EXPECT_EQ(state(2), State::stopped);
  EXPECT_EQ(state(3), State::active);
  EXPECT_EQ(state(4), State::unsubscribed);
  const auto stops = find_stops(*store().read(), {.contact = ids_[1]});
  ASSERT_THAT(stops, SizeIs(1));
  EXPECT_EQ(stops[0].reason, bounce::Reason::no_mail_accepted);
  EXPECT_EQ(stops[0].rule, kDeadDomainRule);
  EXPECT_EQ(stops[0].reply, "DNS: gone.example: the domain takes no mail");
  in_job([&](store::Connection& db) { release_stops(db, stops, "", kNow); });
  EXPECT_EQ(state(1), State::active);
  // What a simulation of rules compares with is the rules' own.
  const std::vector<std::int64_t> all = {ids_[0].value, ids_[1].value};
  EXPECT_THAT(past_stops(*store().read(), all), SizeIs(1));
}

TEST_P(DeadDomainTest, IsReportedWithItsReadersAndWatchedAgainWhenItFailsAgain) {
  fail(ids_[0], bounce::Reason::no_mail_accepted);
  watch();
  in_job([&](store::Connection& db) { store_domain(db, after_answer(due(), DomainAnswer::alive, kNow + 1h, 3, 0ms)); });
  const auto reports = domain_reports(*store().read());
  ASSERT_THAT(reports, SizeIs(1));
  EXPECT_EQ(reports[0].domain.state, DomainState::alive);
  EXPECT_EQ(reports[0].domain.checked_at, kNow + 1h);
  EXPECT_EQ(reports[0].stopped, 1);
  EXPECT_EQ(reports[0].mailed, 2);
  EXPECT_THAT(due_domains(*store().read(), kNow + 48h, 10), IsEmpty());
  EXPECT_EQ(watch(kNow + 2h), 0);
  fail(ids_[1], bounce::Reason::host_unknown, kNow + 3h);
  EXPECT_EQ(watch(kNow + 4h), 1);
  EXPECT_EQ(due(kNow + 4h).state, DomainState::suspected);
}

}  // namespace
}  // namespace todoku::audience
