#include "bounce/delivery_status.h"

#include <gtest/gtest.h>

namespace todoku::bounce {
namespace {

TEST(DeliveryStatus, ReadsAllFieldsOfManyRecipients) {
  const auto status = read_delivery_status(
      "Reporting-MTA: dns; mail.example.jp\n\nFinal-Recipient: rfc822; a@example.net\nOriginal-Recipient: "
      "rfc822;A@example.net\n"
      "Action: failed\nStatus: 5.1.1\nRemote-MTA: dns; mx.example.net\nDiagnostic-Code: smtp; 550 5.1.1 "
      "<a@example.net>... \n"
      "    User unknown\n\nFinal-Recipient: utf-8; ねこ@example.net\nAction: delayed\nStatus: 4.4.1 (no answer)\n");
  EXPECT_EQ(status.reporting_mta, "mail.example.jp");
  ASSERT_EQ(status.recipients.size(), 2u);
  EXPECT_EQ(status.recipients[0].address, "a@example.net");
  EXPECT_EQ(status.recipients[0].original, "A@example.net");
  EXPECT_EQ(status.recipients[0].action, Action::failed);
  EXPECT_EQ(status.recipients[0].status->to_string(), "5.1.1");
  EXPECT_EQ(status.recipients[0].remote_mta, "mx.example.net");
  EXPECT_EQ(status.recipients[0].diagnostic, "550 5.1.1 <a@example.net>... User unknown");
  EXPECT_TRUE(status.recipients[0].smtp_diagnostic);
  EXPECT_EQ(status.recipients[1].address, "ねこ@example.net");
  EXPECT_EQ(status.recipients[1].action, Action::delayed);
  EXPECT_EQ(status.recipients[1].status->to_string(), "4.4.1");
}

TEST(DeliveryStatus, PassesOverNamesThatOnlyTheReceivingSystemHas) {
  const auto address = [](const std::string& final, const std::string& original) {
    return read_delivery_status("Original-Recipient: rfc822; " + original + "\nFinal-Recipient: rfc822; " + final +
                                "\nAction: failed\n")
        .recipients.at(0)
        .address;
  };
  EXPECT_EQ(address("aoi@ims-ms-daemon", "aoi@b.example"), "aoi@b.example");
  EXPECT_EQ(address("aoi@b.example", "all@b.example"), "aoi@b.example");
  EXPECT_EQ(address("aoi@[192.0.2.1]", "all@b.example"), "aoi@[192.0.2.1]");
  EXPECT_EQ(address("aoi@localhost", "aoi"), "aoi@localhost");
}

TEST(DeliveryStatus, TakesExchangesLastErrorForWhyItIsLate) {
  const auto status = read_delivery_status(
      "Final-Recipient: rfc822;a@b.example\nAction: delayed\nStatus: 4.4.7\n"
      "Diagnostic-Code: smtp;400 4.4.7 Message delayed\nX-LED: 421 4.4.2 Connection dropped\n");
  ASSERT_EQ(status.recipients.size(), 1u);
  EXPECT_EQ(status.recipients[0].diagnostic, "400 4.4.7 Message delayed 421 4.4.2 Connection dropped");
}

TEST(DeliveryStatus, ReadsGroupsRunTogetherAndTornApart) {
  const auto together = read_delivery_status(
      "Reporting-MTA: dns; m\nFinal-Recipient: rfc822; a@b.example\nAction: failed\nFinal-Recipient: rfc822; "
      "c@d.example\nAction: failed\n");
  ASSERT_EQ(together.recipients.size(), 2u);
  EXPECT_EQ(together.recipients[1].address, "c@d.example");
  const auto reversed = read_delivery_status("Action: failed\nFinal-Recipient: rfc822;a@b.example\nStatus: 5.0.0\n");
  ASSERT_EQ(reversed.recipients.size(), 1u);
  EXPECT_EQ(reversed.recipients[0].address, "a@b.example");
}

TEST(DeliveryStatus, TakesAnX400NameForAnAddressWithItsBlanks) {
  const auto address = [](const std::string& value) {
    return read_delivery_status("Final-Recipient: rfc822; " + value + "\nAction: failed\n").recipients.at(0).address;
  };
  EXPECT_EQ(address("/G=Jo/S=Neko/ADMD=gold 400/C=GB/@gw.example"), "/G=Jo/S=Neko/ADMD=gold 400/C=GB/@gw.example");
  EXPECT_EQ(address("/c=gb/s=neko/@gw.example (unknown)"), "/c=gb/s=neko/@gw.example");
  EXPECT_EQ(address("/dev/null <a@b.example>"), "a@b.example");
}

TEST(DeliveryStatus, JoinsLongReplies) {
  const auto status = read_delivery_status(
      "Final-Recipient: rfc822; a@b.example\nAction: failed\nDiagnostic-Code: smtp; 550-5.7.26 Unauthenticated mail "
      "from\n"
      " 550-5.7.26 example.jp is not accepted\n 550 5.7.26 go away\n");
  ASSERT_EQ(status.recipients.size(), 1u);
  EXPECT_EQ(status.recipients[0].diagnostic, "550-5.7.26 Unauthenticated mail from example.jp is not accepted go away");
}

TEST(DeliveryStatus, TextWithoutItsFieldsGivesNobody) {
  EXPECT_TRUE(read_delivery_status("just words\n\nmore: of them\n").recipients.empty());
  EXPECT_TRUE(read_delivery_status("").recipients.empty());
}

TEST(DeliveryStatus, StopsAtItsLimit) {
  std::string text;
  for (int i = 0; i < 300; ++i)
    text += "Final-Recipient: rfc822; a" + std::to_string(i) + "@b.example\nAction: failed\n\n";
  EXPECT_EQ(read_delivery_status(text, 100).recipients.size(), 100u);
}

TEST(DeliveryStatus, DecodesWordsInADiagnosticCode) {
  const DeliveryStatus status = read_delivery_status(
      "Reporting-MTA: dns; a.example\n\nFinal-Recipient: rfc822; b@a.example\nAction: failed\n"
      "Diagnostic-Code: smtp; 550 =?utf-8?B?UG9zdGZhY2ggdm9sbA==?=\n",
      10);
  ASSERT_EQ(status.recipients.size(), 1u);
  EXPECT_EQ(status.recipients.front().diagnostic, "550 Postfach voll");
}

}  // namespace
}  // namespace todoku::bounce
