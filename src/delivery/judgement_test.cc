#include "delivery/judgement.h"

#include <gtest/gtest.h>

namespace todoku::delivery {
namespace {

using queue::Result;
using smtp::Cause;
using smtp::SendOutcome;
using smtp::Stage;

class JudgementTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { rules_ = bounce::Rules::load().value().release(); }
  static void TearDownTestSuite() { delete rules_; }

  static SendOutcome refused(Stage stage, int code, std::string text) {
    SendOutcome sent;
    sent.kind = SendOutcome::Kind::refused;
    sent.stage = stage;
    sent.reply.code = code;
    sent.reply.lines = {std::move(text)};
    return sent;
  }

  static queue::Outcome of(const SendOutcome& sent) { return judge(*rules_, attempt(), sent); }

  static Attempt attempt() {
    Attempt a;
    a.campaign = {1};
    a.contact = {2};
    a.recipient = "reader@example.jp";
    a.site = "example.jp";
    a.remote = "mx.example.jp [192.0.2.1]";
    return a;
  }

  static const bounce::Rules* rules_;
};
const bounce::Rules* JudgementTest::rules_ = nullptr;

TEST_F(JudgementTest, ARecipientRefusedForGoodHasFailed) {
  const auto outcome = of(refused(Stage::rcpt, 550, "No such user here"));
  EXPECT_EQ(outcome.result, Result::failed);
  EXPECT_EQ(outcome.reason, "user_unknown");
  EXPECT_EQ(outcome.stage, "rcpt");
  EXPECT_EQ(outcome.text, "550 No such user here");
}

TEST_F(JudgementTest, ATemporaryRefusalIsTriedAgain) {
  EXPECT_EQ(of(refused(Stage::rcpt, 452, "Mailbox full")).result, Result::deferred);
}

TEST_F(JudgementTest, ABlockedSenderIsTriedAgainWhateverTheCode) {
  const auto outcome = of(refused(Stage::rcpt, 554, "5.7.1 Client host blocked using zen.spamhaus.org"));
  EXPECT_EQ(outcome.reason, "blocked");
  EXPECT_EQ(outcome.result, Result::deferred);
}

TEST_F(JudgementTest, ARefusalBeforeTheMailSaysNothingOfTheAddress) {
  smtp::Failure failure;
  failure.stage = Stage::connect;
  failure.reply.code = 554;
  failure.reply.lines = {"No SMTP service here"};
  EXPECT_EQ(judge(*rules_, attempt(), failure).result, Result::deferred);
}

TEST_F(JudgementTest, OurOwnCausesHaveReasons) {
  SendOutcome sent;
  sent.kind = SendOutcome::Kind::not_sent;
  sent.cause = Cause::too_big;
  EXPECT_EQ(of(sent).reason, "message_too_big");
  EXPECT_EQ(of(sent).result, Result::failed);
  sent.kind = SendOutcome::Kind::lost;
  sent.cause = Cause::timeout;
  EXPECT_EQ(of(sent).reason, "network_error");
  EXPECT_EQ(of(sent).result, Result::deferred);
}

TEST_F(JudgementTest, AfterTheLastAttemptTheCauseStaysUnlessItWasTheNetwork) {
  auto full = of(refused(Stage::rcpt, 452, "Mailbox full"));
  expire(full);
  EXPECT_EQ(full.result, Result::failed);
  EXPECT_EQ(full.reason, "mailbox_full");
  SendOutcome lost;
  lost.cause = Cause::connect_failed;
  auto silent = of(lost);
  expire(silent);
  EXPECT_EQ(silent.reason, "expired");
}

}  // namespace
}  // namespace todoku::delivery
