#include "app/remedy_actions.h"

#include <gmock/gmock.h>

namespace todoku::app {
namespace {

using bounce::Language;
using bounce::Reason;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(RemedyActions, AreTheCommandsOfTheErrorGuide) {
  const ActionSubject subject{.campaign = "12", .address = "aoi@example.jp", .sender = "news@shop.example"};
  const auto commands = [&](Reason reason) {
    std::string all;
    for (const RemedyAction& one : actions_of(reason, subject, Language::en)) all += one.command + "\n";
    return all;
  };
  EXPECT_THAT(commands(Reason::user_unknown), HasSubstr("todoku remedy correct aoi@example.jp RIGHT@ADDRESS\n"));
  EXPECT_THAT(commands(Reason::host_unknown), HasSubstr("todoku remedy suggest aoi@example.jp\n"));
  EXPECT_THAT(commands(Reason::message_too_big),
              testing::AllOf(HasSubstr("todoku remedy split 12\n"), HasSubstr("todoku remedy link 12\n")));
  EXPECT_EQ(commands(Reason::virus_detected), "todoku remedy scan 12\n");
  EXPECT_THAT(commands(Reason::line_too_long), HasSubstr("todoku remedy reflow 12\n"));
  EXPECT_THAT(commands(Reason::no_reverse_dns), HasSubstr("todoku doctor\n"));
  EXPECT_THAT(commands(Reason::authentication_failed), HasSubstr("todoku dkim check shop.example\n"));
  EXPECT_THAT(commands(Reason::blocked), HasSubstr("todoku remedy resend 12 --reason blocked\n"));
  for (const Reason reason :
       {Reason::mailbox_full, Reason::recipient_refused, Reason::network_error, Reason::expired}) {
    EXPECT_THAT(commands(reason), HasSubstr("todoku contacts show aoi@example.jp\n")) << bounce::to_string(reason);
    EXPECT_THAT(commands(reason), HasSubstr("todoku remedy resend 12 --reason")) << bounce::to_string(reason);
  }
}

TEST(RemedyActions, CannotBeTurnedIntoOtherCommandsByAName) {
  const auto actions =
      actions_of(Reason::message_too_big, {.campaign = "a'; rm -rf ~ '\n秋", .address = ""}, Language::ja);
  ASSERT_FALSE(actions.empty());
  EXPECT_THAT(actions[0].command, HasSubstr("split 'a'\\''; rm -rf ~ '\\''"));
  EXPECT_THAT(actions[0].command, Not(HasSubstr("\n")));
  EXPECT_THAT(actions_of(Reason::user_unknown, {.address = "-x@a.jp"}, Language::ja)[0].command,
              HasSubstr("'-x@a.jp'"));
  EXPECT_EQ(action_lines(Reason::virus_detected, {}, Language::en, 2),
            "  → scan the attachments: todoku remedy scan CAMPAIGN\n");
}

TEST(OtherChannels, AreNameAndFields) {
  audience::Contact contact;
  contact.name = "佐藤 花子";
  contact.fields.set("電話", "03-0000-0000");
  contact.fields.set("会社", "とどく\x1b[2J");
  EXPECT_EQ(other_channels(contact).find("佐藤 花子  "), 0U);
  EXPECT_THAT(other_channels(contact), HasSubstr("電話: 03-0000-0000"));
  EXPECT_THAT(other_channels(contact), Not(HasSubstr("\x1b")));
  EXPECT_EQ(other_channels({}), "");
  EXPECT_TRUE(asks_by_another_channel(Reason::mailbox_full));
  EXPECT_FALSE(asks_by_another_channel(Reason::virus_detected));
}

}  // namespace
}  // namespace todoku::app
