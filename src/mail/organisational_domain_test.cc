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

}  // namespace
}  // namespace todoku::mail
