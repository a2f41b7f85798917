#include "mail/organisational_domain.h"

#include <gtest/gtest.h>

namespace todoku::mail {
namespace {

TEST(OrganisationalDomain, IsWhatWasRegistered) {
  EXPECT_EQ(organisational_domain("mx1.mail.example.co.jp."), "example.co.jp");
  EXPECT_EQ(organisational_domain("example.com"), "example.com");
  EXPECT_EQ(organisational_domain("a.b.site.test"), "site.test");
  EXPECT_EQ(organisational_domain("co.jp"), "co.jp");
  EXPECT_EQ(organisational_domain("localhost"), "localhost");
  EXPECT_EQ(organisational_domain(""), "");
}

TEST(TopLevel, IsTheLastLabel) {
  EXPECT_TRUE(top_level_exists("example.jp"));
  EXPECT_TRUE(top_level_exists("jp"));
  EXPECT_FALSE(top_level_exists("gmail.con"));
  EXPECT_FALSE(top_level_exists("gmailcom"));
  EXPECT_FALSE(top_level_exists("example."));
  EXPECT_FALSE(top_level_exists(""));
}

}  // namespace
}  // namespace todoku::mail
