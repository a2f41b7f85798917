#include "submission/submitted_mail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mail/mime_reader.h"
#include "mail/reflow.h"

namespace todoku::submission {
namespace {

using base::ErrorCode;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

constexpr base::Time kNow{1'800'000'000'000ms};

SubmissionKey key() {
  SubmissionKey made;
  made.domains = {"shop.example", "xn--wgv71a119e.jp"};
  return made;
}

base::Result<SubmittedMail> prepared(std::string_view content) { return prepare(content, key(), "spare", kNow); }

ErrorCode fault(std::string_view content) {
  auto mail = prepared(content);
  EXPECT_FALSE(mail) << content;
  return mail ? ErrorCode::io : mail.error().code;
}

TEST(SubmittedMail, StaysAsItIsWhereNothingLacks) {
  const std::string content =
      "Subject: x\r\nFrom: Shop <a@shop.example>\r\nMessage-ID: <1@shop.example>\r\n"
      "Date: Mon, 01 Jul 2024 09:00:00 +0900\r\n\r\nHello\r\n";
  const auto mail = prepared(content);
  ASSERT_TRUE(mail) << mail.error().text();
  EXPECT_EQ(mail->content, content);
  EXPECT_EQ(mail->message_id, "<1@shop.example>");
  EXPECT_FALSE(mail->smtputf8 || mail->eight_bit);
}

TEST(SubmittedMail, GetsWhatLacksAndLosesWhatNobodyMaySee) {
  const auto mail = prepared(
      "from:a@shop.example\r\nBCC: secret@elsewhere.example,\r\n other@elsewhere.example\r\n"
      "Resent-Bcc: third@elsewhere.example\r\nReturn-Path: <x@elsewhere.example>\r\nSubject: "
      "\xE5\xB1\x8A\r\n\r\n\xE3\x81\x8F\r\n");
  ASSERT_TRUE(mail) << mail.error().text();
  EXPECT_THAT(mail->content, Not(HasSubstr("elsewhere")));
  EXPECT_THAT(mail->content, HasSubstr("From: a@shop.example\r\n")) << "as the signer looks for it";
  EXPECT_THAT(mail->content, HasSubstr("\r\nMessage-ID: <spare@shop.example>\r\nDate: "));
  EXPECT_THAT(mail->content, HasSubstr("\r\n\r\n\xE3\x81\x8F\r\n"));
  EXPECT_TRUE(mail->smtputf8 && mail->eight_bit);
}

TEST(SubmittedMail, MayBeAHeaderAlone) {
  const auto mail = prepared("From: a@shop.example\r\nSubject: x\r\n");
  ASSERT_TRUE(mail);
  EXPECT_TRUE(mail->content.ends_with("\r\n\r\n"));
}

TEST(SubmittedMail, IsOfTheKeysDomainsAlone) {
  for (const char* from :
       {"a@elsewhere.example", "Shop <a@elsewhere.example>", "a@shop.example, b@elsewhere.example",
        "b@elsewhere.example, a@shop.example", "\"a@shop.example\" <b@elsewhere.example>",
        "\"x, a@shop.example\" <b@elsewhere.example>", "a@sub.shop.example", "a@shop.example.elsewhere.example",
        "a@notshop.example", "=?utf-8?q?a=40shop.example?= <b@elsewhere.example>", "\"\\\"\" <b@elsewhere.example>"}) {
    EXPECT_EQ(fault("From: " + std::string(from) + "\r\n\r\nx\r\n"), ErrorCode::refused) << from;
  }
  EXPECT_EQ(fault("From: a@shop.example\r\nSender: b@elsewhere.example\r\n\r\n"), ErrorCode::refused);
  EXPECT_EQ(fault("From: a@shop.example\r\nResent-From: b@elsewhere.example\r\n\r\n"), ErrorCode::refused);
  EXPECT_TRUE(prepared("From: a@SHOP.example, \"x, b@elsewhere.example\" <b@XN--wgv71a119e.jp>\r\n\r\n"));
}

TEST(SubmittedMail, HasASenderThatEverybodyReadsAlike) {
  for (const char* header :
       {"Subject: x\r\n", "From: a@shop.example\r\nFrom: a@shop.example\r\n", "From:\r\n", "From: a\r\n",
        "From: a@shop.example (b@elsewhere.example)\r\n", "From: friends: a@shop.example;\r\n",
        "From: <b@elsewhere.example> <a@shop.example>\r\n", "From: \"a@shop.example\r\n", "From: a@[192.0.2.1]\r\n",
        "From: <@elsewhere.example:a@shop.example>\r\n", "From : a@shop.example\r\nFrom: b@elsewhere.example\r\n",
        "From: a@shop.example\xC2\xA0\r\n", "From: <a@sh\xE2\x80\x8Bop.example>\r\n", "From: <a@日本語.jp>\r\n"}) {
    const auto mail = prepared(std::string(header) + "\r\nx\r\n");
    EXPECT_FALSE(mail) << header;
  }
}

TEST(SubmittedMail, HasLongLinesLaidOutAnew) {
  const std::string line(5000, 'x');
  const auto mail = prepared("From: a@shop.example\r\nContent-Type: text/html\r\n\r\n" + line + "\r\n");
  ASSERT_TRUE(mail) << mail.error().text();
  EXPECT_FALSE(mail::has_line_above(mail->content, 998));
  const mail::MimeReader reader(mail->content);
  EXPECT_EQ(reader.text(reader.top()), line + "\n");
}

TEST(SubmittedMail, HasAHeaderThatIsOne) {
  EXPECT_EQ(fault(" From: a@shop.example\r\n\r\n"), ErrorCode::invalid);
  EXPECT_EQ(fault("From: a@shop.example\r\nno field\r\n\r\n"), ErrorCode::invalid);
  EXPECT_EQ(fault("From: a@shop.example\r\nBad Name: x\r\n\r\n"), ErrorCode::invalid);
  EXPECT_EQ(fault(std::string("From: a@shop.example\r\nX: \0\r\n\r\n", 30)), ErrorCode::invalid);
  EXPECT_EQ(fault("From: a@shop.example\r\nX-Token: " + std::string(999, 'x') + "\r\n\r\n"), ErrorCode::invalid);
  EXPECT_EQ(fault("\r\nFrom: a@shop.example\r\n"), ErrorCode::invalid);
  std::string circle;
  for (int i = 0; i < 60; ++i) circle += "Received: by a\r\n";
  EXPECT_EQ(fault(circle + "From: a@shop.example\r\n\r\n"), ErrorCode::limit);
}

}  // namespace
}  // namespace todoku::submission
