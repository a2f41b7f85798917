#include "bounce/bare_name.h"

#include <gtest/gtest.h>

namespace todoku::bounce {
namespace {

TEST(BareName, StandsAloneOrWithItsReason) {
  EXPECT_EQ(bare_name_on("  neko").name, "neko");
  EXPECT_EQ(bare_name_on("  neko (user not found)").why, "(user not found)");
  EXPECT_EQ(bare_name_on(" neko    No matches to nameserver query").why, "No matches to nameserver query");
  EXPECT_TRUE(bare_name_on(" neko\tnot here").in_columns);
}

TEST(BareName, IsNoProseAndNothingAtTheMargin) {
  EXPECT_TRUE(bare_name_on("neko").name.empty());
  EXPECT_TRUE(bare_name_on("  Subject: neko").name.empty());
  EXPECT_TRUE(bare_name_on("  not a name").name.empty());
  EXPECT_TRUE(bare_name_on("").name.empty());
}

TEST(BareName, IsOfTheReportersOrganisationUnlessTheReturnedMailSaysWhere) {
  const Notice alone("From: MAILER-DAEMON@mr2.its.college.example\nSubject: failed\n\n neko\n");
  EXPECT_EQ(address_of_name(alone, "neko"), "neko@college.example");
  Notice with_original(
      "From: MAILER-DAEMON@mr2.its.college.example\n\nUnknown: neko\n\n--- Original message follows ---\n"
      "Message-ID: <1@news.example>\nFrom: a@news.example\nTo: neko@ph.college.example\n\nHello\n");
  with_original.read_words();
  EXPECT_EQ(address_of_name(with_original, "neko"), "neko@ph.college.example");
}

TEST(SendersLine, IsLabelledInAnyLanguage) {
  const auto names = [](std::string_view text) {
    const auto lines = lines_of(text);
    return names_sender(text, lines, lines.size() - 1);
  };
  EXPECT_TRUE(names("From: a@b.example"));
  EXPECT_TRUE(names("  * Отправитель : a@b.example"));
  EXPECT_TRUE(names("送信元：a@b.example"));
  EXPECT_TRUE(names("A message sent by\n\n  a@b.example"));
  EXPECT_FALSE(names("From what we know a@b.example is gone"));
  EXPECT_FALSE(names("To: a@b.example"));
}

}  // namespace
}  // namespace todoku::bounce
