#include "bounce/explanation.h"

#include <gmock/gmock.h>

#include <fstream>
#include <set>
#include <sstream>

namespace todoku::bounce {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;

std::string file_text(const std::string& path) {
  std::ifstream in(std::string(TODOKU_SOURCE_DIR) + "/" + path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST(Explanation, EveryReasonIsExplainedInBothLanguages) {
  for (int i = 0; i < kReasonCount; ++i) {
    const auto reason = static_cast<Reason>(i);
    SCOPED_TRACE(to_string(reason));
    for (const Language language : {Language::ja, Language::en}) {
      const Explanation& said = explain(reason, language);
      EXPECT_THAT(said.name, Not(IsEmpty()));
      EXPECT_THAT(said.why, Not(IsEmpty()));
      EXPECT_THAT(said.what, Not(IsEmpty()));
      EXPECT_THAT(said.who, Not(IsEmpty()));
    }
    EXPECT_NE(explain(reason, Language::ja).why, explain(reason, Language::en).why);
    EXPECT_EQ(explain(reason, Language::en).actions.empty(), party_of(reason) == Party::nobody);
  }
}

TEST(Explanation, TheFileNamesEveryReasonOnceAndNoOther) {
  const std::string text = file_text("data/rules/reasons.toml");
  std::multiset<std::string> ids;
  for (std::size_t at = 0; (at = text.find("\nid = \"", at)) != std::string::npos;) {
    at += 7;
    ids.insert(text.substr(at, text.find('"', at) - at));
  }
  std::multiset<std::string> reasons;
  for (int i = 0; i < kReasonCount; ++i) reasons.emplace(to_string(static_cast<Reason>(i)));
  EXPECT_EQ(ids, reasons);
}

TEST(Explanation, WordsGoBothWays) {
  for (int i = 0; i < kReasonCount; ++i)
    EXPECT_EQ(reason_of(to_string(static_cast<Reason>(i))), static_cast<Reason>(i));
  for (const Effect effect : {Effect::hard, Effect::slow_down, Effect::none})
    EXPECT_EQ(effect_of(to_string(effect)), effect);
  for (const Party party : {Party::sender_list, Party::recipient_admin, Party::nobody})
    EXPECT_EQ(party_of(to_string(party)), party);
  EXPECT_EQ(reason_of("no such reason"), std::nullopt);
}

// Stopping an address for what is not its fault is the worst that an error analysis can do.
TEST(Explanation, OnlyADeadAddressIsHard) {
  for (int i = 0; i < kReasonCount; ++i) {
    const auto reason = static_cast<Reason>(i);
    const bool dead = reason == Reason::user_unknown || reason == Reason::moved || reason == Reason::host_unknown ||
                      reason == Reason::no_mail_accepted;
    EXPECT_EQ(effect_of(reason) == Effect::hard, dead) << to_string(reason);
  }
}

TEST(Explanation, WhoActsAsTheGuidePromises) {
  EXPECT_EQ(party_of(Reason::user_unknown), Party::sender_list);
  EXPECT_EQ(party_of(Reason::mailbox_full), Party::recipient);
  EXPECT_EQ(party_of(Reason::message_too_big), Party::sender_message);
  EXPECT_EQ(party_of(Reason::network_error), Party::recipient_admin);
  EXPECT_EQ(party_of(Reason::blocked), Party::our_server);
  EXPECT_EQ(explain(Reason::mailbox_full, Language::ja).actions.front(), "resend_later");
  EXPECT_EQ(explain(Reason::message_too_big, Language::ja).actions,
            (std::vector<std::string>{"split_and_resend", "download_link"}));
}

}  // namespace
}  // namespace todoku::bounce
