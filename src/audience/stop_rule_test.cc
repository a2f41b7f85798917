#include "audience/stop_rule.h"

#include <gmock/gmock.h>

namespace todoku::audience {
namespace {

using bounce::Reason;
using ::testing::HasSubstr;

StopRule rule(std::string_view text) { return read_rule(text).value(); }

TEST(StopRule, IsReadAsItIsWritten) {
  for (const std::string text : {"mailbox_full@gmail=3/7d", "hard=2", "mailbox=never", "expired=5/30d/keep-on-open",
                                 "user_unknown@example.jp=1/keep-on-open"}) {
    EXPECT_EQ(rule_text(rule(text)), text);
  }
  EXPECT_EQ(rule("mailbox_full@Gmail=3/7d"), (StopRule{Reason::mailbox_full, "gmail", 3, 7, true}));
  EXPECT_EQ(rule("mailbox@例え.JP=0"), (StopRule{ErrorKind::mailbox, "xn--r8jz45g.jp", 0, 0, true}));
}

TEST(StopRule, SaysWhatIsWrongWithIt) {
  for (const std::string text : {"", "mailbox_full", "=3", "nonsense=3", "mailbox_full=", "mailbox_full=three",
                                 "mailbox_full=-1", "mailbox_full=101", "mailbox_full=3/", "mailbox_full=3/7",
                                 "mailbox_full=3/9999d", "mailbox_full=3/soon", "mailbox_full@=3", "hard@a..b=3"}) {
    const auto read = read_rule(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, base::ErrorCode::invalid) << text;
    EXPECT_EQ(read.error().where, text);
    EXPECT_FALSE(read.error().hint.empty());
  }
  EXPECT_FALSE(read_rule_target("nonsense@gmail"));
}

TEST(StopRule, IsRefusedForWhatIsNotTheAddresssFault) {
  for (int r = 0; r < bounce::kReasonCount; ++r) {
    const auto reason = static_cast<Reason>(r);
    const auto read = read_rule(std::string(bounce::to_string(reason)) + "=1");
    EXPECT_EQ(read.ok(), may_count(reason)) << bounce::to_string(reason);
    if (!read) EXPECT_EQ(read.error().code, base::ErrorCode::refused);
  }
  for (const auto reason : {Reason::blocked, Reason::spam_detected, Reason::message_too_big, Reason::virus_detected,
                            Reason::authentication_failed, Reason::rate_limited, Reason::complaint, Reason::unknown}) {
    EXPECT_FALSE(may_count(reason));
    EXPECT_EQ((StopRules{.rules = {{.cause = reason, .errors = 1}}}.of(reason).errors), 0);
  }
  EXPECT_THAT(read_rule("blocked=1").error().message, HasSubstr("it lies in us"));
  EXPECT_THAT(read_rule("virus_detected=1").error().message, HasSubstr("it lies in the mail"));
}

TEST(StopRules, HaveDefaultsByKind) {
  const StopRules rules{.defaults = {.hard = 2, .mailbox = 4}};
  EXPECT_EQ(rules.of(Reason::user_unknown), (StopRule{ErrorKind::hard, "", 2, 0, true}));
  EXPECT_EQ(rules.of(Reason::mailbox_full), (StopRule{ErrorKind::mailbox, "", 4, 0, true}));
  EXPECT_EQ(rules.of(Reason::expired).errors, 0);
}

TEST(StopRules, LetTheMostParticularOneHold) {
  StopRules rules;
  const auto expect = [&](std::string_view text) {
    set_rule(rules.rules, rule(text));
    EXPECT_EQ(rule_text(rules.of(Reason::mailbox_full, {.domain = "gmail.com", .provider = "gmail"})), text);
  };
  // From the general to the particular; a general one added later changes nothing.
  expect("mailbox=4");
  expect("mailbox@gmail=5");
  expect("mailbox@gmail.com=6");
  expect("mailbox_full=7");
  expect("mailbox_full@gmail=8");
  expect("mailbox_full@gmail.com=9");
  set_rule(rules.rules, rule("mailbox=2"));
  EXPECT_EQ(rules.of(Reason::mailbox_full, {.domain = "gmail.com", .provider = "gmail"}).errors, 9);
  EXPECT_EQ(rules.of(Reason::mailbox_full, {.domain = "googlemail.com", .provider = "gmail"}).errors, 8);
  EXPECT_EQ(rules.of(Reason::mailbox_full, {.domain = "example.jp", .provider = ""}).errors, 7);
  EXPECT_EQ(rules.of(Reason::account_disabled, {.domain = "example.jp", .provider = ""}).errors, 2);
  EXPECT_EQ(rules.rules.size(), 6);
}

TEST(StopRules, AreTakenAway) {
  std::vector<StopRule> rules = {rule("mailbox=4"), rule("mailbox@gmail=5")};
  EXPECT_TRUE(remove_rule(rules, read_rule_target("mailbox@gmail").value()));
  EXPECT_FALSE(remove_rule(rules, read_rule_target("mailbox@gmail").value()));
  EXPECT_EQ(rules, std::vector<StopRule>({rule("mailbox=4")}));
}

}  // namespace
}  // namespace todoku::audience
