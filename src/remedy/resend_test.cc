#include "remedy/resend.h"

#include <gmock/gmock.h>

#include "queue/counts.h"
#include "remedy/test_campaign.h"

namespace todoku::remedy {
namespace {

using bounce::Reason;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ResendTest : public CampaignStoreTest {
 protected:
  ResendPlan again(const ResendWanted& wanted, bool really = true) {
    ResendPlan plan;
    store().write_now([&](store::Connection& db) {
      plan = plan_resend(db, campaign_, wanted, now_).value();
      if (really) ASSERT_TRUE(resend(db, *campaign::find(db, campaign_), wanted, plan, now_));
    });
    return plan;
  }

  void returns(const std::string& address, Reason reason, bool permanent = true) {
    now_ += std::chrono::minutes(1);
    store().write_now([&](store::Connection& db) {
      db.execute(
          "insert into intake (key, road, place, identity, state, kind, format, problem, found_by, campaign, "
          "contact, forged, sender, recipient, peer, subject, size, at) values (?1, '', '', '', 'joined', "
          "'bounce', '', '', '', ?2, ?3, 0, '', '', '', '', 0, ?4)",
          {store::Bytes{std::to_string(++notices_)}, campaign_, reader(address), now_});
      const auto id = db.query_integer("select max(id) from intake");
      db.execute(
          "insert into bounce (intake, number, campaign, contact, address, reason, permanent, status, "
          "reply_code, remote, provider, diagnostic, at) values (?1, 1, ?2, ?3, '', ?4, ?5, '', 0, '', '', '', ?6)",
          {*id, campaign_, reader(address), bounce::to_string(reason), permanent, now_});
    });
  }

  ResendWanted full_{.reason = Reason::mailbox_full};

 private:
  int notices_ = 0;
};
TODOKU_ON_BOTH_ENGINES(ResendTest);

TEST_P(ResendTest, SendsToThoseOfTheCauseOnceAndKeepsTheFirstOutcome) {
  begin({"a@one.jp", "b@one.jp", "c@two.jp", "d@two.jp"});
  send({{"b@one.jp", "mailbox_full"}, {"c@two.jp", "user_unknown"}});
  EXPECT_EQ(found().state, campaign::State::finished);
  EXPECT_EQ(again(full_, false).again.size(), 1U) << "dry";
  EXPECT_EQ(found().state, campaign::State::finished);
  EXPECT_EQ(again(full_).again.size(), 1U);
  EXPECT_EQ(found().state, campaign::State::sending);
  EXPECT_THAT(again(full_).again, IsEmpty()) << "it waits already";
  EXPECT_EQ(again(full_).waiting, 1);
  EXPECT_THAT(send({}), ElementsAre("b@one.jp"));
  EXPECT_EQ(found().state, campaign::State::finished);
  EXPECT_THAT(again(full_).again, IsEmpty()) << "it was delivered";
  const auto counts = queue::counts_of(*store().read(), campaign_);
  EXPECT_EQ(counts.delivered, 3);
  EXPECT_EQ(counts.failed, 2);
  EXPECT_EQ(counts.recipients, 5);
  const auto resends = resends_of(*store().read(), campaign_);
  ASSERT_EQ(resends.size(), 1U);
  EXPECT_EQ(resends[0].cause, "mailbox_full");
  EXPECT_EQ(resends[0].delivered, 1);
  EXPECT_EQ(resends[0].waiting, 0);
}

TEST_P(ResendTest, MayFollowAResendThatFailedForTheSameCause) {
  begin({"a@one.jp", "b@one.jp"});
  send({{"b@one.jp", "mailbox_full"}});
  again(full_);
  send({{"b@one.jp", "mailbox_full"}});
  EXPECT_EQ(again(full_).again.size(), 1U);
  send({{"b@one.jp", "user_unknown"}});
  EXPECT_THAT(again(full_).again, IsEmpty()) << "its last word is another";
  EXPECT_EQ(again({.reason = Reason::user_unknown}).again.size(), 1U);
  send({});
  const auto resends = resends_of(*store().read(), campaign_);
  ASSERT_EQ(resends.size(), 3U);
  EXPECT_EQ(resends[0].failed, 1);
  EXPECT_EQ(resends[1].failed, 1);
  EXPECT_EQ(resends[2].delivered, 1);
}

TEST_P(ResendTest, TakesInWhatCameBackLater) {
  begin({"a@one.jp", "b@one.jp", "c@one.jp"});
  send({});
  returns("a@one.jp", Reason::mailbox_full);
  returns("b@one.jp", Reason::mailbox_full, false);
  EXPECT_EQ(again(full_).again.size(), 1U);
  EXPECT_THAT(send({}), ElementsAre("a@one.jp"));
  EXPECT_THAT(again(full_).again, IsEmpty()) << "delivered since";
  returns("a@one.jp", Reason::mailbox_full);
  EXPECT_EQ(again(full_).again.size(), 1U) << "and came back again";
  send({});
  returns("a@one.jp", Reason::user_unknown);
  EXPECT_THAT(again(full_).again, IsEmpty());
}

TEST_P(ResendTest, LeavesOutWhoMayNotBeMailed) {
  begin({"a@one.jp", "b@one.jp", "c@one.jp"});
  send({{"a@one.jp", "mailbox_full"}, {"b@one.jp", "mailbox_full"}, {"c@one.jp", "mailbox_full"}});
  store().write_now([&](store::Connection& db) {
    ASSERT_TRUE(audience::unsubscribe(db, reader("a@one.jp"), "unsubscribed", now_));
    db.execute("update contact set state = 'stopped' where id = ?1", {reader("b@one.jp")});
  });
  const auto plan = again(full_);
  EXPECT_EQ(plan.not_mailable, 2);
  EXPECT_THAT(send({}), ElementsAre("c@one.jp"));
}

TEST_P(ResendTest, IsForOneReceiverWhereWanted) {
  begin({"a@docomo.ne.jp", "b@gmail.com", "c@two.jp"});
  send({{"a@docomo.ne.jp", "mailbox_full"}, {"b@gmail.com", "mailbox_full"}, {"c@two.jp", "mailbox_full"}});
  EXPECT_EQ(again({.reason = Reason::mailbox_full, .site = "two.jp"}).again.size(), 1U);
  EXPECT_THAT(send({}), ElementsAre("c@two.jp"));
  EXPECT_EQ(again({.reason = Reason::mailbox_full, .provider = "docomo"}).again.size(), 1U);
  EXPECT_THAT(send({}), ElementsAre("a@docomo.ne.jp"));
  EXPECT_EQ(plan_resend(*store().read(), campaign_, {.reason = Reason::mailbox_full, .provider = "nobody"}, now_)
                .error()
                .code,
            base::ErrorCode::not_found);
}

TEST_P(ResendTest, TriesWhoIsPutOffNow) {
  begin({"a@one.jp", "b@two.jp"});
  const std::map<std::string, std::string> full{{"a@one.jp", "mailbox_full"}, {"b@two.jp", "system_full"}};
  store().write_now([&](store::Connection& db) {
    for (const auto& batch : queue::claim(db, claim())) {
      const auto reason = full.at(batch.site == "one.jp" ? "a@one.jp" : "b@two.jp");
      queue::append(db, std::vector<queue::Outcome>{{.campaign = batch.campaign,
                                                     .contact = batch.contacts[0],
                                                     .batch = batch.id,
                                                     .result = queue::Result::deferred,
                                                     .at = now_,
                                                     .reason = reason,
                                                     .site = batch.site,
                                                     .remote = "",
                                                     .stage = "",
                                                     .status = "",
                                                     .text = ""}});
      queue::finish(db, batch, {{{batch.contacts[0], now_ + std::chrono::hours(3)}}}, now_);
    }
  });
  EXPECT_THAT(send({}), IsEmpty());
  EXPECT_EQ(again(full_).hastened, 1);
  EXPECT_EQ(again(full_).hastened, 0) << "it is due";
  EXPECT_THAT(send({}), ElementsAre("a@one.jp"));
  EXPECT_THAT(again(full_).again, IsEmpty());
}

TEST_P(ResendTest, IsRefusedToACancelledCampaign) {
  begin({"a@one.jp"});
  send({{"a@one.jp", "mailbox_full"}});
  run("update campaign set state = 'cancelled'");
  store().write_now([&](store::Connection& db) {
    const auto plan = plan_resend(db, campaign_, full_, now_).value();
    EXPECT_EQ(resend(db, *campaign::find(db, campaign_), full_, plan, now_).error().code, base::ErrorCode::refused);
  });
}

}  // namespace
}  // namespace todoku::remedy
