#include "intake/spoofing/sighting.h"

#include <gtest/gtest.h>

#include "intake/spoofing/own_sources.h"

namespace todoku::intake::spoofing {
namespace {

std::string handed_over(std::initializer_list<std::string_view> received) {
  std::vector<mail::RawField> fields = {{"From", "news@example.jp"}};
  for (const std::string_view value : received) fields.push_back({"Received", value});
  return handed_over_by(fields);
}

TEST(SightingTest, ReadsTheMachineThatHandedOverAsEachMailSystemWritesIt) {
  EXPECT_EQ(handed_over({"from claimed.example (real.example [203.0.113.7]) by mx.example.com (Postfix)"}),
            "203.0.113.7");
  EXPECT_EQ(handed_over({"from [203.0.113.8] (helo=forged.example) by mx.example.com with smtp (Exim)"}),
            "203.0.113.8");
  EXPECT_EQ(handed_over({"from real.example ([203.0.113.9] helo=x) by mx.example.com with esmtp"}), "203.0.113.9");
  EXPECT_EQ(handed_over({"from unknown (HELO forged.example) (203.0.113.10)\r\n  by mx.example.com with SMTP"}),
            "203.0.113.10");
  EXPECT_EQ(handed_over({"from x.example (2001:db8:7::1) by y.example (2001:db8:8::1) with Microsoft SMTP"}),
            "2001:db8:7::1");
  EXPECT_EQ(handed_over({"from x ([IPv6:2001:db8:7::2]) by mx.example.com"}), "2001:db8:7::2");
  EXPECT_EQ(handed_over({"from helo (real.example [203.0.113.11]) by mx"}), "203.0.113.11");
}

TEST(SightingTest, BelievesNoGreetingAndNothingBelowTheFirstPublicAddress) {
  EXPECT_EQ(handed_over({"from [198.51.100.1] (real.example [203.0.113.7]) by mx"}), "203.0.113.7");
  EXPECT_EQ(handed_over({"from unknown (HELO 198.51.100.1) (203.0.113.7) by mx"}), "203.0.113.7");
  EXPECT_EQ(handed_over({"from real (helo=[198.51.100.1]) by mx", "from x ([203.0.113.7]) by y"}), "203.0.113.7");
  EXPECT_EQ(handed_over({"from scanner (localhost [127.0.0.1]) by mx", "from inner ([10.1.2.3]) by scanner",
                         "from outer ([203.0.113.7]) by inner", "from forged ([198.51.100.9]) by outer"}),
            "203.0.113.7");
  EXPECT_EQ(handed_over({"by mx.example.com id 1", "from x by y", "garbage"}), "");
  EXPECT_EQ(handed_over({std::string(100'000, '(')}), "");
}

TEST(SightingTest, ReadsInWhoseNameAComplainedMailWas) {
  const Sighting sighting = read_sighting(
      "From: fbl@isp.example\nTo: fbl@bounces.example.jp\nSubject: complaint\nContent-Type: multipart/report; "
      "report-type=feedback-report; boundary=b\n\n--b\n\nThis is an abuse report.\n--b\nContent-Type: "
      "message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\nSource-IP: 203.0.113.5\n--b\nContent-Type: "
      "message/rfc822\n\nReceived: from x ([203.0.113.99]) by isp.example\nFrom: \"News\" <news@Example.JP>\nSubject: "
      "x\n\nx\n--b--\n",
      "fbl@bounces.example.jp", true, false);
  EXPECT_EQ(sighting.address, "203.0.113.5") << "the receiver's own word before the field";
  EXPECT_EQ(sighting.from_domain, "example.jp");
  EXPECT_EQ(sighting.own_domain, "bounces.example.jp");
}

TEST(OwnSourcesTest, HoldsAddressesAndNetworks) {
  const auto own = OwnSources::make(std::vector<std::string>{"192.0.2.1", "198.51.100.0/25", "2001:db8::/33"});
  ASSERT_TRUE(own.ok());
  EXPECT_TRUE(own->contain("192.0.2.1"));
  EXPECT_FALSE(own->contain("192.0.2.2"));
  EXPECT_TRUE(own->contain("198.51.100.127"));
  EXPECT_FALSE(own->contain("198.51.100.128"));
  EXPECT_TRUE(own->contain("2001:db8:7fff::1"));
  EXPECT_FALSE(own->contain("2001:db8:8000::1"));
  EXPECT_FALSE(own->contain("nowhere"));
  EXPECT_FALSE(OwnSources().contain("192.0.2.1"));
  for (const char* wrong : {"", "192.0.2.1/33", "192.0.2.1/", "mail.example.jp", "192.0.2.0/-1", "::/129"}) {
    EXPECT_FALSE(OwnSources::make(std::vector<std::string>{wrong}).ok()) << wrong;
  }
  EXPECT_TRUE(is_public_address("203.0.113.1"));
  for (const char* local :
       {"10.0.0.1", "127.0.0.1", "192.168.3.4", "::1", "fe80::1", "fd00::1", "255.255.255.255", "x"}) {
    EXPECT_FALSE(is_public_address(local)) << local;
  }
}

}  // namespace
}  // namespace todoku::intake::spoofing
