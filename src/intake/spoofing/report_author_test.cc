#include "intake/spoofing/report_author.h"

#include <gtest/gtest.h>

#include "authentication/test_mail.h"

namespace todoku::intake::spoofing {
namespace {

using authentication::at_noon;

std::string mail_from(const std::string& from) {
  return authentication::crlf("From: " + from +
                              "\nTo: dmarc@news.example\nSubject: Report Domain: news.example\n\nx\n");
}

std::string signed_by(const std::string& domain, const std::string& mail) {
  authentication::DkimSigner signer(
      {.domain = domain, .keys = {{"s", authentication::ed25519_test_key()}}, .identity = "", .valid_for = {}});
  std::string out;
  EXPECT_TRUE(signer.sign(mail, std::nullopt, out));
  return out + mail;
}

std::string author(const std::string& mail) {
  authentication::Records records;
  for (const char* domain : {"receiver.example", "reports.receiver.example", "liar.example"}) {
    records.publish("s", domain, authentication::ed25519_test_key());
  }
  return proven_author(mail, at_noon(), records.lookup());
}

TEST(ReportAuthor, IsWhoseSignatureHolds) {
  const std::string mail = mail_from("\"Reports\" <noreply@reports.receiver.example>");
  EXPECT_EQ(author(signed_by("receiver.example", mail)), "receiver.example");
  EXPECT_EQ(author(signed_by("reports.receiver.example", mail)), "receiver.example");
  EXPECT_EQ(author(signed_by("liar.example", signed_by("receiver.example", mail))), "receiver.example");
}

TEST(ReportAuthor, IsKnownFromAFolderToo) {
  std::string mail = signed_by("receiver.example", mail_from("noreply@receiver.example"));
  std::erase(mail, '\r');
  EXPECT_EQ(author(mail), "receiver.example");
}

TEST(ReportAuthor, IsNobodyWhereNoneHolds) {
  const std::string mail = mail_from("noreply@receiver.example");
  EXPECT_EQ(author(mail), "");
  EXPECT_EQ(author(signed_by("liar.example", mail)), "") << "the signature of another domain";
  std::string changed = signed_by("receiver.example", mail);
  changed.insert(changed.size() - 3, "y");
  EXPECT_EQ(author(changed), "");
  EXPECT_EQ(author(signed_by("unpublished.example", mail_from("a@unpublished.example"))), "");
  EXPECT_EQ(author(signed_by("receiver.example", mail_from("nobody"))), "");
  EXPECT_EQ(author(""), "");
  EXPECT_EQ(proven_author(signed_by("receiver.example", mail), at_noon(), {}), "") << "nobody looks keys up";
}

TEST(ReportAuthor, AsksForNoKeysOfOthers) {
  const std::string mail =
      signed_by("liar.example", signed_by("receiver.example", mail_from("noreply@receiver.example")));
  std::vector<std::string> asked;
  (void)proven_author(mail, at_noon(), [&](const std::string& name) {
    asked.push_back(name);
    return authentication::DkimKeyAnswer{};
  });
  EXPECT_EQ(asked, std::vector<std::string>{"s._domainkey.receiver.example"});
}

}  // namespace
}  // namespace todoku::intake::spoofing
