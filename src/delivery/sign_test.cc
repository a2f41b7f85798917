#include "delivery/sign.h"

#include <gtest/gtest.h>

namespace todoku::delivery {
namespace {

queue::Outcome outcome(std::string reason, int code, std::string text = "", std::string stage = "rcpt") {
  queue::Outcome made;
  made.result = code / 100 == 2 ? queue::Result::delivered : queue::Result::deferred;
  made.reason = std::move(reason);
  made.reply_code = code;
  made.text = std::move(text);
  made.stage = std::move(stage);
  return made;
}

TEST(Sign, TellsWhatIsSaidOfOurSending) {
  EXPECT_EQ(sign_of(outcome("", 250)), Sign::taken);
  EXPECT_EQ(sign_of(outcome("rate_limited", 421, "421 4.7.28 too fast")), Sign::slow_down);
  EXPECT_EQ(sign_of(outcome("too_many_connections", 421)), Sign::too_many_connections);
  EXPECT_EQ(sign_of(outcome("blocked", 550)), Sign::blocked);
  EXPECT_EQ(sign_of(outcome("system_error", 451)), Sign::slow_down);
  EXPECT_EQ(sign_of(outcome("network_error", 0)), Sign::lost);
}

TEST(Sign, OneRecipientsTroubleAndGreylistingAreNone) {
  EXPECT_EQ(sign_of(outcome("user_unknown", 550)), Sign::refused);
  EXPECT_EQ(sign_of(outcome("mailbox_full", 452)), Sign::refused);
  EXPECT_EQ(sign_of(outcome("system_error", 554)), Sign::refused);
  EXPECT_EQ(sign_of(outcome("rate_limited", 451, "451 4.7.1 Greylisting in action, come back later")), Sign::refused);
}

TEST(Sign, BeforeTheRecipientItIsOfTheSender) {
  EXPECT_TRUE(answer_of(outcome("blocked", 554, "", "connect")).of_the_sender);
  EXPECT_TRUE(answer_of(outcome("blocked", 554, "", "mail")).of_the_sender);
  EXPECT_FALSE(answer_of(outcome("blocked", 554, "", "rcpt")).of_the_sender);
  EXPECT_FALSE(answer_of(outcome("blocked", 554, "", "eod")).of_the_sender);
}

}  // namespace
}  // namespace todoku::delivery
