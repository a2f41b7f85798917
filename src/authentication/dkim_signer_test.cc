#include "authentication/dkim_signer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "authentication/test_mail.h"

namespace todoku::authentication {
namespace {

using testing::HasSubstr;
using testing::Not;

/// A signer with both keys for example.jp, and what a receiver sees.
class Signing : public testing::Test {
 protected:
  Signing() {
    records_.publish("r1", "example.jp", rsa_test_key());
    records_.publish("e1", "example.jp", ed25519_test_key());
  }

  static DkimSigner signer() {
    return DkimSigner({.domain = "example.jp",
                       .keys = {{"r1", rsa_test_key()}, {"e1", ed25519_test_key()}},
                       .identity = "",
                       .valid_for = {}});
  }

  static std::string sign(const std::string& mail) {
    DkimSigner by = signer();
    std::string out;
    const auto done = by.sign(mail, at_noon(), out);
    EXPECT_TRUE(done) << done.error().text();
    return out + mail;
  }

  void expect(const std::string& mail, DkimResult result, DkimCause cause = DkimCause::none) const {
    const auto verdicts = verify_dkim(mail, at_noon(), records_.lookup());
    ASSERT_EQ(verdicts.size(), 2U);
    for (const DkimVerdict& verdict : verdicts) {
      EXPECT_EQ(verdict.result, result) << to_string(verdict.cause) << "\n" << mail;
      EXPECT_EQ(verdict.cause, cause) << to_string(verdict.cause);
      EXPECT_TRUE(verdict.whole_body);
    }
  }

  static std::string replaced(std::string text, std::string_view what, std::string_view by) {
    const std::size_t at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return text.replace(at, what.size(), by);
  }

  Records records_;
};

TEST_F(Signing, RoundTrip) { expect(sign(newsletter()), DkimResult::pass); }

TEST_F(Signing, OneSignerSignsMailAfterMail) {
  DkimSigner by = signer();
  for (int i = 0; i < 20; ++i) {
    std::string mail = replaced(newsletter(), "hanako", "reader" + std::to_string(i));
    if (i % 5 == 0) mail = replaced(mail, "Subject:", "Cc: taro@example.net\r\nSubject:");
    mail += std::string(static_cast<std::size_t>(i) * 10, 'y') + "\r\n";
    std::string field;
    ASSERT_TRUE(by.sign(mail, at_noon(), field));
    expect(field + mail, DkimResult::pass);
  }
}

TEST_F(Signing, IsTheSameForTheSameMail) { EXPECT_EQ(sign(newsletter()), sign(newsletter())); }

TEST_F(Signing, FieldIsFoldedAndSaysWhatItShould) {
  const std::string mail = sign(newsletter());
  const std::string head = mail.substr(0, mail.find("Date: "));
  for (std::size_t at = 0; at < head.size();) {
    const std::size_t end = head.find("\r\n", at);
    EXPECT_LE(end - at, 78U) << head.substr(at, end - at);
    at = end + 2;
  }
  EXPECT_THAT(head, HasSubstr("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.jp; s=r1;\r\n"
                              " t=1719792000;\r\n h=From:From:To:To:Cc:Subject:Subject:Date:Date:"));
  EXPECT_THAT(head, HasSubstr("a=ed25519-sha256;"));
  EXPECT_THAT(head, Not(HasSubstr("l=")));
  EXPECT_THAT(head, Not(HasSubstr("x=")));
}

TEST_F(Signing, LongDomainsSelectorsAndIdentitiesAreFoldedToo) {
  const std::string domain = std::string(60, 'd') + "." + std::string(60, 'e') + ".example.jp";
  DkimSigner by({.domain = domain,
                 .keys = {{std::string(40, 's'), ed25519_test_key()}},
                 .identity = "@news." + domain,
                 .valid_for = base::Duration{3'600'000}});
  std::string field;
  const std::string mail = newsletter();
  ASSERT_TRUE(by.sign(mail, at_noon(), field));
  EXPECT_THAT(field, HasSubstr("x=1719795600;"));
  records_.publish(std::string(40, 's'), domain, ed25519_test_key());
  const auto verdicts = verify_dkim(field + mail, at_noon(), records_.lookup());
  ASSERT_EQ(verdicts.size(), 1U);
  EXPECT_EQ(verdicts[0].result, DkimResult::pass) << to_string(verdicts[0].cause) << field;
  EXPECT_EQ(verdicts[0].signature.identity, "@news." + domain);
  const auto later = verify_dkim(field + mail, at_noon() + base::Duration{3'602'000}, records_.lookup());
  EXPECT_EQ(later[0].result, DkimResult::permerror);
  EXPECT_EQ(later[0].cause, DkimCause::expired);
}

TEST_F(Signing, BodiesOfEveryKind) {
  const std::string head = newsletter().substr(0, newsletter().find("\r\n\r\n") + 4);
  const std::string bodies[] = {"",
                                "\r\n",
                                "\r\n\r\n\r\n",
                                " \t \r\n",
                                "text without a line end",
                                "text\r\n\r\n\r\n",
                                std::string(998, 'x') + "\r\n" + std::string(998, ' ') + "\r\nend\r\n",
                                std::string(100'000, 'x'),
                                ".\r\n..\r\n"};
  for (const std::string& body : bodies) expect(sign(head + body), DkimResult::pass);
  expect(sign(head.substr(0, head.size() - 2)), DkimResult::pass);  // no blank line, no body
}

TEST_F(Signing, SurvivesWhatServersDoOnTheWay) {
  const std::string mail = sign(newsletter());
  expect("Received: from a by b\r\n" + mail, DkimResult::pass);
  expect("Return-Path: <a@b.example>\r\n" + mail, DkimResult::pass);
  expect(mail + "\r\n\r\n", DkimResult::pass);
  expect(replaced(mail, "is  the", "is \t the \t"), DkimResult::pass);
  expect(replaced(mail, "Subject: hello", "SUBJECT :\r\n\t hello "), DkimResult::pass);
}

TEST_F(Signing, FailsWhenAnythingSignedIsChanged) {
  const std::string mail = sign(newsletter());
  expect(replaced(mail, "the news", "the lies"), DkimResult::fail, DkimCause::body_changed);
  expect(mail + "more\r\n", DkimResult::fail, DkimCause::body_changed);
  for (const std::string_view part :
       {"Subject: hell", "news@", "To: hana", "<abc@", "1.0", "plain;", "/u/abc", "09:00"}) {
    expect(replaced(mail, part, std::string(part) + "x"), DkimResult::fail, DkimCause::header_changed);
  }
  const std::string without = replaced(mail, "List-Unsubscribe: <https://example.jp/u/abc>\r\n", "");
  expect(without, DkimResult::fail, DkimCause::header_changed);
}

TEST_F(Signing, FailsWhenAFieldIsAddedThatTheMailDidNotHave) {
  const std::string mail = sign(newsletter());
  for (const std::string name :
       {"Cc", "Reply-To", "Feedback-ID", "List-Unsubscribe-Post", "List-Id", "Content-Transfer-Encoding"}) {
    expect(name + ": x@example.net\r\n" + mail, DkimResult::fail, DkimCause::header_changed);
    expect(replaced(mail, "Subject: ", name + ": x@example.net\r\nSubject: "), DkimResult::fail,
           DkimCause::header_changed);
  }
}

TEST_F(Signing, FailsWhenASecondFieldIsAddedAboveOrBelow) {
  const std::string mail = sign(newsletter());
  for (const std::string field : {"From: eve@example.net", "Subject: buy", "To: all@example.net", "Date: now",
                                  "Message-ID: <x@y.example>", "MIME-Version: 2.0", "Content-Type: text/html"}) {
    expect(field + "\r\n" + mail, DkimResult::fail, DkimCause::header_changed);
    expect(replaced(mail, "\r\n\r\n", "\r\n" + field + "\r\n\r\n"), DkimResult::fail, DkimCause::header_changed);
  }
}

TEST_F(Signing, FieldsThatOccurTwiceAreBothSigned) {
  std::string mail =
      replaced(newsletter(), "Subject:", "References: <1@a.example>\r\nReferences: <2@a.example>\r\nSubject:");
  mail = sign(mail);
  expect(mail, DkimResult::pass);
  expect(replaced(mail, "<1@a", "<3@a"), DkimResult::fail, DkimCause::header_changed);
  expect(replaced(mail, "<2@a", "<3@a"), DkimResult::fail, DkimCause::header_changed);
}

TEST_F(Signing, LeavesOutWhatIsNotToBeSigned) {
  const std::string mail =
      sign(replaced(newsletter(), "Subject:", "Bcc: x@y.example\r\nReceived: from a\r\nX-Own: 1\r\nSubject:"));
  const std::string head = mail.substr(0, mail.find("Date: "));
  for (const char* name : {"Bcc", "Received", "X-Own", "Return-Path"}) EXPECT_THAT(head, Not(HasSubstr(name)));
  expect(replaced(mail, "Bcc: x@y.example\r\n", ""), DkimResult::pass);
}

TEST_F(Signing, WithoutFromIsAnError) {
  std::string out = "kept";
  DkimSigner by = signer();
  const auto done = by.sign("Subject: x\r\n\r\nbody\r\n", at_noon(), out);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, base::ErrorCode::invalid);
  EXPECT_EQ(by.sign("", at_noon(), out).ok(), false);
  EXPECT_EQ(out, "kept");
}

TEST_F(Signing, WithoutATimeThereIsNone) {
  std::string out;
  DkimSigner by = signer();
  ASSERT_TRUE(by.sign(newsletter(), std::nullopt, out));
  EXPECT_THAT(out, Not(HasSubstr("t=1")));
  expect(out + newsletter(), DkimResult::pass);
}

}  // namespace
}  // namespace todoku::authentication
