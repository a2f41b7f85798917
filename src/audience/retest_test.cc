#include "audience/retest.h"

#include <gmock/gmock.h>

#include "audience/contact.h"
#include "audience/stop_policy.h"
#include "audience/transactional.h"
#include "store/test_store.h"

namespace todoku::audience {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace std::chrono_literals;

constexpr base::Time kNow{1'700'000'000'000ms};
constexpr base::CampaignId kMail{7};

TEST(RetestVerdict, WaitsForBadNewsAndReleasesWhenNoneCame) {
  const auto after = [](RetestEvidence seen, base::Duration time) { return judge(seen, kNow + time, 24h); };
  EXPECT_EQ(after({}, 1000h), RetestVerdict::wait);  // still under way
  EXPECT_EQ(after({.accepted_at = kNow}, 24h - 1ms), RetestVerdict::wait);
  EXPECT_EQ(after({.accepted_at = kNow}, 24h), RetestVerdict::release);
  EXPECT_EQ(after({.given_up = true}, 0h), RetestVerdict::fail);
  EXPECT_EQ(after({.accepted_at = kNow, .came_back = true}, 1h), RetestVerdict::fail);
  EXPECT_EQ(after({.accepted_at = kNow, .came_back = true}, 48h), RetestVerdict::fail);
  EXPECT_EQ(after({.accepted_at = kNow, .still_stopped = false}, 48h), RetestVerdict::drop);
}

class RetestTest : public store::StoreTest {
 protected:
  RetestTest() {
    in_job([&](store::Connection& db) {
      contact_ =
          add_contact(db, {.address = "a@example.jp", .name = "", .fields = {}, .consent = "form"}, kNow).value();
      StopPolicy policy;
      Event gone{.contact = contact_,
                 .campaign = base::CampaignId{1},
                 .at = kNow,
                 .reason = bounce::Reason::user_unknown,
                 .effect = bounce::Effect::hard,
                 .permanent = true,
                 .reply = "550 no"};
      (void)policy.record(db, std::span(&gone, 1));
    });
    stop_ = find_stops(*store().read(), {}).at(0);
  }
  template <class F>
  void in_job(F work) {
    store().write_now([&](store::Connection& db) { work(db); });
  }
  Retest begin(base::Time at = kNow) {
    in_job([&](store::Connection& db) { add_retest(db, stop_, kMail, at); });
    return open_retests(*store().read()).at(0);
  }
  bool may(base::Time at) { return may_retest(*store().read(), stop_, at).ok(); }
  State state() { return find_contact(*store().read(), contact_)->state; }
  std::size_t reachable() {
    const std::vector<base::ContactId> one = {contact_};
    return find_reachable(*store().read(), one).size();
  }

  base::ContactId contact_;
  Stop stop_;
};
TODOKU_ON_BOTH_ENGINES(RetestTest);

TEST_P(RetestTest, ReleasesAnAddressThatWorksAgain) {
  const Retest test = begin();
  EXPECT_EQ(test.stop, stop_.id);
  in_job([&](store::Connection& db) {
    note_accepted(db, test, kNow + 1h);
    note_accepted(db, test, kNow + 2h);  // known already
  });
  EXPECT_EQ(open_retests(*store().read()).at(0).accepted_at, kNow + 1h);
  in_job([&](store::Connection& db) { settle(db, test, RetestVerdict::release, "250 ok", kNow + 25h); });
  EXPECT_EQ(state(), State::active);
  EXPECT_THAT(open_retests(*store().read()), IsEmpty());
  const auto stops = stops_of(*store().read(), contact_);
  ASSERT_THAT(stops, SizeIs(1));
  EXPECT_EQ(stops[0].release_note, "retest");
}

TEST_P(RetestTest, KeepsTheStopWithTheNewWords) {
  const Retest test = begin();
  in_job([&](store::Connection& db) {
    settle(db, test, RetestVerdict::fail, "550 still nobody", kNow + 1h);
    settle(db, test, RetestVerdict::release, "late", kNow + 2h);  // by another process: decided already
  });
  EXPECT_EQ(state(), State::stopped);
  const auto tests = retests_of(*store().read(), contact_);
  ASSERT_THAT(tests, SizeIs(1));
  EXPECT_EQ(tests[0].result, "failed");
  EXPECT_EQ(tests[0].reply, "550 still nobody");
}

TEST_P(RetestTest, IsOneAtATimeAndOneInSevenDays) {
  EXPECT_TRUE(may(kNow));
  const Retest test = begin();
  EXPECT_FALSE(may(kNow + 30 * 24h));
  in_job([&](store::Connection& db) { settle(db, test, RetestVerdict::fail, "", kNow + 1h); });
  EXPECT_FALSE(may(kNow + 7 * 24h - 1ms));
  EXPECT_TRUE(may(kNow + 7 * 24h));
}

TEST_P(RetestTest, OpensTheWayForItsMailAlone) {
  EXPECT_EQ(reachable(), 0);
  const Retest test = begin();
  EXPECT_EQ(reachable(), 1);
  EXPECT_TRUE(refuses_all_mail(*store().read(), "a@example.jp"));  // nobody else may write
  in_job([&](store::Connection& db) { settle(db, test, RetestVerdict::fail, "", kNow); });
  EXPECT_EQ(reachable(), 0);
}

TEST_P(RetestTest, ReleasesNoOtherStop) {
  const Retest test = begin();
  in_job([&](store::Connection& db) {
    release_stops(db, {stop_}, "by hand", kNow);
    StopPolicy policy;
    Event gone{.contact = contact_,
               .campaign = base::CampaignId{2},
               .at = kNow + 1h,
               .reason = bounce::Reason::user_unknown,
               .effect = bounce::Effect::hard,
               .permanent = true,
               .reply = "550 no"};
    (void)policy.record(db, std::span(&gone, 1));
    settle(db, test, RetestVerdict::release, "", kNow + 48h);
  });
  EXPECT_EQ(state(), State::stopped);
}

}  // namespace
}  // namespace todoku::audience
