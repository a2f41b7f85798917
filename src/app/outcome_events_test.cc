#include "app/outcome_events.h"

#include <gtest/gtest.h>

namespace todoku::app {
namespace {

queue::Outcome failed(std::string reason, int code) {
  queue::Outcome outcome;
  outcome.contact = {7};
  outcome.campaign = {3};
  outcome.result = queue::Result::failed;
  outcome.reason = std::move(reason);
  outcome.reply_code = code;
  outcome.text = "no";
  return outcome;
}

TEST(OutcomeEvents, ADeliverySetsCountsBack) {
  queue::Outcome outcome = failed("", 250);
  outcome.result = queue::Result::delivered;
  const auto event = event_of(outcome);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->reason, bounce::Reason::delivered);
}

TEST(OutcomeEvents, APermanentReplyIsHardAndATemporaryOneIsNot) {
  EXPECT_EQ(event_of(failed("user_unknown", 550))->effect, bounce::Effect::hard);
  EXPECT_EQ(event_of(failed("user_unknown", 450))->effect, bounce::Effect::soft);
  EXPECT_EQ(event_of(failed("host_unknown", 0))->effect, bounce::Effect::hard);  // the domain's name servers said it
}

TEST(OutcomeEvents, WhatIsNotTheAddressesFaultIsNoAddressEvent) {
  EXPECT_EQ(event_of(failed("blocked", 554))->effect, bounce::Effect::sender);
  EXPECT_EQ(event_of(failed("virus_detected", 554))->effect, bounce::Effect::message);
}

TEST(OutcomeEvents, DeferredSkippedAndCancelledSayNothing) {
  for (const auto result : {queue::Result::deferred, queue::Result::skipped, queue::Result::cancelled}) {
    queue::Outcome outcome = failed("mailbox_full", 452);
    outcome.result = result;
    EXPECT_FALSE(event_of(outcome));
  }
}

}  // namespace
}  // namespace todoku::app
