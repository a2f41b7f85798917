#include "delivery/refusals.h"

#include <gtest/gtest.h>

namespace todoku::delivery {
namespace {

using namespace std::chrono_literals;
using Change = Refusals::Change;

constexpr base::CampaignId kAutumn{1};
constexpr base::CampaignId kWinter{2};
constexpr base::Duration kRest = 10min;

class RefusalsTest : public testing::Test {
 protected:
  queue::Outcome outcome(queue::Result result, const char* reason = "", int code = 250) const {
    queue::Outcome made;
    made.campaign = kAutumn;
    made.result = result;
    made.reason = reason;
    made.reply_code = code;
    made.at = now_;
    return made;
  }
  Change taken() { return refusals_.answered(outcome(queue::Result::delivered)); }
  Change refused(const char* reason = "spam_detected") {
    return refusals_.answered(outcome(queue::Result::failed, reason, 550));
  }
  bool may_go(base::CampaignId campaign = kAutumn) { return refusals_.keeps_back(campaign, now_) == nullptr; }
  void hold() {
    for (int i = 1; i < Refusals::kMany; ++i) ASSERT_EQ(refused(), Change::none);
    ASSERT_EQ(refused(), Change::held);
  }

  base::Time now_{1h};
  Refusals refusals_{kRest};
};

TEST_F(RefusalsTest, ManyInAShortTimeHoldThatCampaignAlone) {
  hold();
  EXPECT_FALSE(may_go());
  EXPECT_EQ(refusals_.held_until(kAutumn), now_ + kRest);
  EXPECT_TRUE(may_go(kWinter));
  EXPECT_EQ(refusals_.held_until(kWinter), std::nullopt);
  ASSERT_NE(refusals_.keeps_back(kAutumn, now_), nullptr);
  EXPECT_EQ(refusals_.keeps_back(kAutumn, now_)->reason, "spam_detected");
}

TEST_F(RefusalsTest, AFewAmongTheTakenDoNot) {
  for (int i = 0; i < 200; ++i) EXPECT_EQ(i % 3 == 0 ? refused() : taken(), Change::none);
  EXPECT_TRUE(may_go());
}

TEST_F(RefusalsTest, WhatIsTheReadersOrTheMomentsDoesNotCount) {
  for (int i = 0; i < 50; ++i) {
    refused("user_unknown");
    refused("mailbox_full");
    refused("recipient_refused");
    refusals_.answered(outcome(queue::Result::deferred, "spam_detected", 451));
    refusals_.answered(outcome(queue::Result::failed, "message_too_big", 0));  // by its announced size: never sent
  }
  EXPECT_TRUE(may_go());
}

TEST_F(RefusalsTest, EveryCauseOfMailOrSenderCounts) {
  for (const char* reason :
       {"spam_detected", "content_rejected", "message_too_big", "virus_detected", "authentication_failed",
        "bad_reputation", "sender_refused", "no_reverse_dns", "policy_violation"})
    refused(reason);
  EXPECT_EQ(refused("line_too_long"), Change::held);
}

TEST_F(RefusalsTest, OneMailTriesAndTheRestDoublesUntilOneIsTaken) {
  hold();
  now_ += kRest;
  EXPECT_TRUE(may_go()) << "the try";
  EXPECT_FALSE(may_go()) << "one is enough";
  now_ += 1s;
  EXPECT_EQ(refused(), Change::none);
  EXPECT_EQ(refusals_.held_until(kAutumn), now_ + 2 * kRest);
  now_ += 2 * kRest;
  EXPECT_TRUE(may_go());
  EXPECT_EQ(taken(), Change::lifted);
  EXPECT_TRUE(may_go());
  EXPECT_TRUE(may_go());
}

TEST_F(RefusalsTest, ATryWithoutAnAnswerIsFollowedByAnother) {
  hold();
  now_ += kRest;
  EXPECT_TRUE(may_go());
  refused("mailbox_full");
  now_ += 1min;
  EXPECT_FALSE(may_go());
  now_ += 2min;
  EXPECT_TRUE(may_go());
}

TEST_F(RefusalsTest, MailsUnderWayAtItsBeginningChangeNothing) {
  hold();
  const auto until = refusals_.held_until(kAutumn);
  now_ += 1s;
  EXPECT_EQ(refused(), Change::none);
  EXPECT_EQ(taken(), Change::none);
  EXPECT_EQ(refusals_.held_until(kAutumn), until);
}

TEST_F(RefusalsTest, OnlyHoldsAreRememberedAndNotForEver) {
  refused();
  EXPECT_FALSE(refusals_.any(now_));
  hold();
  EXPECT_TRUE(refusals_.any(now_));
  EXPECT_FALSE(refusals_.any(now_ + 48h));
}

}  // namespace
}  // namespace todoku::delivery
