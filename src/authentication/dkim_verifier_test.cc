#include "authentication/dkim_verifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "authentication/test_mail.h"

namespace todoku::authentication {
namespace {

using testing::ElementsAre;

std::string signed_mail() {
  DkimSigner signer({.domain = "example.jp", .keys = {{"s", ed25519_test_key()}}, .identity = "", .valid_for = {}});
  std::string out;
  EXPECT_TRUE(signer.sign(newsletter(), std::nullopt, out));
  return out + newsletter();
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), by);
}

DkimVerdict verdict(const std::string& mail, const std::string& record) {
  Records records;
  records.texts["s._domainkey.example.jp"] = record;
  const auto verdicts = verify_dkim(mail, at_noon(), records.lookup());
  EXPECT_EQ(verdicts.size(), 1U);
  return verdicts.empty() ? DkimVerdict{} : verdicts[0];
}

std::string good_record() { return dkim_record_text(DkimAlgorithm::ed25519_sha256, ed25519_test_key().public_text()); }

void expect(const DkimVerdict& verdict, DkimResult result, DkimCause cause) {
  EXPECT_EQ(to_string(verdict.result), to_string(result));
  EXPECT_EQ(to_string(verdict.cause), to_string(cause));
}

TEST(DkimVerifier, UnsignedMailHasNoVerdict) {
  EXPECT_TRUE(verify_dkim(newsletter(), at_noon(), Records().lookup()).empty());
  EXPECT_TRUE(verify_dkim("", at_noon(), Records().lookup()).empty());
}

TEST(DkimVerifier, KeysThatAreNotThere) {
  const auto answer = [](DkimKeyAnswer::Status status) {
    return verify_dkim(signed_mail(), at_noon(), [status](const std::string&) { return DkimKeyAnswer{status, {}}; })[0];
  };
  expect(answer(DkimKeyAnswer::Status::unavailable), DkimResult::temperror, DkimCause::key_unavailable);
  expect(answer(DkimKeyAnswer::Status::none), DkimResult::permerror, DkimCause::key_missing);
  expect(answer(DkimKeyAnswer::Status::found), DkimResult::permerror, DkimCause::key_missing);
}

TEST(DkimVerifier, KeysThatAreNoGood) {
  const std::string mail = signed_mail();
  expect(verdict(mail, good_record()), DkimResult::pass, DkimCause::none);
  expect(verdict(mail, "v=DKIM1; k=ed25519; p="), DkimResult::permerror, DkimCause::key_revoked);
  expect(verdict(mail, "hello"), DkimResult::permerror, DkimCause::key_syntax);
  expect(verdict(mail, "k=ed25519; p=AAAA"), DkimResult::permerror, DkimCause::key_syntax);
  expect(verdict(mail, replaced(good_record(), "k=ed25519", "k=rsa")), DkimResult::permerror, DkimCause::key_unfit);
  expect(verdict(mail, good_record() + "; h=sha1"), DkimResult::permerror, DkimCause::key_unfit);
  expect(verdict(mail, good_record() + "; s=other"), DkimResult::permerror, DkimCause::key_unfit);
  const std::string other = DkimKey::generate(DkimAlgorithm::ed25519_sha256).public_text();
  expect(verdict(mail, "k=ed25519; p=" + other), DkimResult::fail, DkimCause::header_changed);
  EXPECT_TRUE(verdict(mail, good_record() + "; t=y").testing);
}

TEST(DkimVerifier, AnyOfSeveralRecordsMayBeTheKey) {
  const auto verdicts = verify_dkim(signed_mail(), at_noon(), [](const std::string&) {
    return DkimKeyAnswer{DkimKeyAnswer::Status::found, {"v=spf1 -all", "v=DKIM1; p=", good_record()}};
  });
  expect(verdicts[0], DkimResult::pass, DkimCause::none);
}

TEST(DkimVerifier, SignaturesThatMakeNoSense) {
  const std::string mail = signed_mail();
  const auto with = [&mail](std::string_view what, std::string_view by) {
    return verdict(replaced(mail, what, by), good_record());
  };
  expect(with("v=1;", "v=2;"), DkimResult::neutral, DkimCause::version);
  expect(with("v=1;", ""), DkimResult::neutral, DkimCause::syntax);
  expect(with("a=ed25519-sha256", "a=rsa-sha1"), DkimResult::neutral, DkimCause::algorithm);
  expect(with("c=relaxed/relaxed", "c=relaxed/nofws"), DkimResult::neutral, DkimCause::algorithm);
  expect(with("s=s;", "s=s; q=http;"), DkimResult::neutral, DkimCause::query);
  expect(with("s=s;", "s=s; t=200; x=100;"), DkimResult::neutral, DkimCause::syntax);
  expect(with("s=s;", "s=s; t=x;"), DkimResult::neutral, DkimCause::syntax);
  expect(with("s=s;", "s=s; i=@example.net;"), DkimResult::permerror, DkimCause::identity);
  expect(with("s=s;", "s=s; i=@badexample.jp;"), DkimResult::permerror, DkimCause::identity);
  expect(with("h=From:From:", "h="), DkimResult::permerror, DkimCause::from_not_signed);
  expect(with("s=s;", "s=s; x=100;"), DkimResult::permerror, DkimCause::expired);
  expect(with("bh=", "bh=A"), DkimResult::neutral, DkimCause::syntax);
  expect(with("s=s;", "s=s; z=unknown tags do not matter but are signed;"), DkimResult::fail,
         DkimCause::header_changed);
}

TEST(DkimVerifier, ExactDomainOfTheRecordBindsTheIdentity) {
  DkimSigner signer(
      {.domain = "example.jp", .keys = {{"s", ed25519_test_key()}}, .identity = "@news.example.jp", .valid_for = {}});
  std::string mail;
  ASSERT_TRUE(signer.sign(newsletter(), std::nullopt, mail));
  mail += newsletter();
  expect(verdict(mail, good_record()), DkimResult::pass, DkimCause::none);
  expect(verdict(mail, good_record() + "; t=s"), DkimResult::permerror, DkimCause::identity);
}

TEST(DkimVerifier, BodyLengthIsHonouredAndTold) {
  // Not signed by us ever, so the header no longer matches: what counts is how far the body check goes.
  const std::string mail = replaced(signed_mail(), "s=s;", "s=s; l=100000;");
  expect(verdict(mail, good_record()), DkimResult::fail, DkimCause::too_short);
  const std::string whole = replaced(signed_mail(), "s=s;", "s=s; l=35;");
  const DkimVerdict exact = verdict(whole, good_record());
  expect(exact, DkimResult::fail, DkimCause::header_changed);
  EXPECT_TRUE(exact.whole_body);
  const DkimVerdict more = verdict(whole + "an advertisement\r\n", good_record());
  expect(more, DkimResult::fail, DkimCause::header_changed);
  EXPECT_FALSE(more.whole_body);
}

TEST(DkimVerifier, WeakRsaKeysDoNotCount) {
  DkimSigner signer({.domain = "example.jp", .keys = {{"s", rsa_test_key()}}, .identity = "", .valid_for = {}});
  std::string mail;
  ASSERT_TRUE(signer.sign(newsletter(), std::nullopt, mail));
  mail += newsletter();
  // RSA of 512 bits, as a SubjectPublicKeyInfo.
  expect(verdict(mail,
                 "p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAJ7MDOslVT2mQK4uLpEtD2ldGFRRC7ESnKFpGOPnGxDYBOhDF/rgoFVbp7"
                 "hrG0vh7lKCSRUeBqqvlKb0CKrKB8MCAwEAAQ=="),
         DkimResult::permerror, DkimCause::key_unfit);
}

TEST(DkimVerifier, OnlySoManySignaturesAreLookedAt) {
  const std::string mail = signed_mail();
  const std::string field = mail.substr(0, mail.find("Date: "));
  std::string many;
  for (int i = 0; i < 100; ++i) many += field;
  Records records;
  EXPECT_EQ(verify_dkim(many + mail, at_noon(), records.lookup()).size(), kMostSignatures);
  EXPECT_THAT(dkim_key_names(many + mail), ElementsAre("s._domainkey.example.jp"));
  std::string fields;
  for (int i = 0; i < 3000; ++i) fields += "X: y\r\n";
  expect(verify_dkim(mail.substr(0, mail.find("\r\n\r\n") + 2) + fields, at_noon(), records.lookup()).at(0),
         DkimResult::neutral, DkimCause::too_many);
}

}  // namespace
}  // namespace todoku::authentication
