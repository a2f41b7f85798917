#include "authentication/sts_policy.h"

#include <gmock/gmock.h>

namespace todoku::authentication {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// RFC 8461 section 3.2 and appendix A.
constexpr std::string_view kExample =
    "version: STSv1\r\n"
    "mode: enforce\r\n"
    "mx: mail.example.com\r\n"
    "mx: *.example.net\r\n"
    "mx: backupmx.example.com\r\n"
    "max_age: 604800\r\n";

std::optional<std::string> id_of(std::vector<std::string> records) { return announced_sts_id(records); }

TEST(StsRecord, TheIdIsRead) {
  EXPECT_EQ(id_of({"v=STSv1; id=20160831085700Z;"}), "20160831085700Z");
  EXPECT_EQ(id_of({"v=STSv1;id=1"}), "1");
  EXPECT_EQ(id_of({"v=STSv1 ;\tx-other.y=a=b ; id=A1 ; "}), "A1");
  EXPECT_EQ(id_of({"v=spf1 -all", "v=STSv1; id=2;"}), "2");
  EXPECT_EQ(id_of({"v=STSv1; id=1; id=2"}), "1");
}

TEST(StsRecord, WhatIsNotOneRecordAnnouncesNothing) {
  EXPECT_EQ(id_of({}), std::nullopt);
  EXPECT_EQ(id_of({"v=STSv1; id=1;", "v=STSv1; id=1;"}), std::nullopt);
  for (const char* broken :
       {"v=STSv1", "v=STSv1;", "v=STSv1; id=", "v=STSv1; id=a-b;", "v=STSv2; id=1;", "v=STSv1x; id=1;", "id=1; v=STSv1",
        "V=STSv1; id=1", "v=stsv1; id=1", " v=STSv1; id=1", "v=STSv1; id", "v=STSv1;; id=1", "v=STSv1; -x=1; id=1",
        "v=STSv1; id=123456789012345678901234567890123"}) {
    EXPECT_EQ(id_of({broken}), std::nullopt) << broken;
  }
}

TEST(StsPolicy, TheExampleOfTheRfc) {
  const auto policy = parse_sts_policy(kExample);
  ASSERT_TRUE(policy) << policy.error().text();
  EXPECT_EQ(policy->mode, StsMode::enforce);
  EXPECT_THAT(policy->mx, ElementsAre("mail.example.com", "*.example.net", "backupmx.example.com"));
  EXPECT_EQ(policy->max_age, std::chrono::seconds(604800));
  EXPECT_EQ(parse_sts_policy(to_text(*policy)).value(), *policy);
}

TEST(StsPolicy, OddButValid) {
  // LF alone, no blanks, blanks behind, unknown fields, the first of double fields, capitals, no last line end.
  const auto policy = parse_sts_policy(
      "version:STSv1  \nx-new.field: what=ever: 1\nmode:testing\nmode: enforce\nmx:\tMail.Example.COM \n"
      "max_age:99999999\nmax_age: 1");
  ASSERT_TRUE(policy) << policy.error().text();
  EXPECT_EQ(policy->mode, StsMode::testing);
  EXPECT_THAT(policy->mx, ElementsAre("mail.example.com"));
  EXPECT_EQ(policy->max_age, kLongestStsAge);
  EXPECT_TRUE(parse_sts_policy("version: STSv1\nmode: none\nmax_age: 0\n"));
}

TEST(StsPolicy, BrokenOnesAreRefusedWithTheLine) {
  for (const char* broken :
       {"", "<!DOCTYPE html>\n<html>", "mode: enforce\nmx: a.example\nmax_age: 1\n",
        "version: STSv2\nmode: enforce\nmx: a.example\nmax_age: 1\n",
        "version: STSv1\nmode: Enforce\nmx: a.example\nmax_age: 1\n", "version: STSv1\nmode: enforce\nmax_age: 1\n",
        "version: STSv1\nmode: enforce\nmx: a.example\n", "version: STSv1\nmode: enforce\nmx: a.example\nmax_age: -1\n",
        "version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 12345678901\n",
        "version: STSv1\nmode: enforce\nmx: *\nmax_age: 1\n",
        "version: STSv1\nmode: enforce\nmx: a.*.example\nmax_age: 1\n",
        "version: STSv1\nmode: enforce\nmx: a..example\nmax_age: 1\n",
        "version: STSv1\nmode: enforce\nmx: .a.example\nmax_age: 1\n",
        "version: STSv1\nmode: enforce\nmx: a example\nmax_age: 1\n",
        "version: STSv1\nmode: enforce\nmx: a-.example\nmax_age: 1\n"}) {
    EXPECT_FALSE(parse_sts_policy(broken)) << broken;
  }
  const auto where = parse_sts_policy("version: STSv1\nmode: enforce\nno field\n");
  ASSERT_FALSE(where);
  EXPECT_THAT(where.error().text(), HasSubstr("mta-sts.txt:3"));
  const auto large = parse_sts_policy(std::string(kLargestStsPolicy + 1, '\n'));
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, base::ErrorCode::limit);
}

// RFC 8461 section 4.1.
TEST(StsPolicy, HostsAreMatchedLabelByLabel) {
  StsPolicy policy;
  policy.mx = {"mail.example.com", "*.example.net"};
  EXPECT_TRUE(lists(policy, "mail.example.com"));
  EXPECT_TRUE(lists(policy, "Mail.Example.Com"));
  EXPECT_TRUE(lists(policy, "mx1.example.net"));
  EXPECT_FALSE(lists(policy, "example.net"));
  EXPECT_FALSE(lists(policy, ".example.net"));
  EXPECT_FALSE(lists(policy, "foo.bar.example.net"));
  EXPECT_FALSE(lists(policy, "mail.example.com.evil.test"));
  EXPECT_FALSE(lists(policy, "xmail.example.com"));
  EXPECT_FALSE(lists(policy, ""));
}

}  // namespace
}  // namespace todoku::authentication
