// The examples that the RFCs print, with the keys that they print.
#include <gtest/gtest.h>

#include "authentication/test_mail.h"

namespace todoku::authentication {
namespace {

constexpr std::string_view kMail =
    "From: Joe SixPack <joe@football.example.com>\n"
    "To: Suzie Q <suzie@shopping.example.net>\n"
    "Subject: Is dinner ready?\n"
    "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\n"
    "Message-ID: <20030712040037.46341.5F8J@football.example.com>\n"
    "\n"
    "Hi.\n"
    "\n"
    "We lost the game. Are you hungry yet?\n"
    "\n"
    "Joe.\n";

constexpr std::string_view kEd25519Signature =
    "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\n"
    " d=football.example.com; i=@football.example.com;\n"
    " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\n"
    " subject : date : message-id : from : subject : date;\n"
    " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\n"
    " b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\n"
    " Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\n";

constexpr std::string_view kRsaSignature =
    "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\n"
    " d=football.example.com; i=@football.example.com;\n"
    " q=dns/txt; s=test; t=1528637909; h=from : to : subject :\n"
    " date : message-id : from : subject : date;\n"
    " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\n"
    " b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\n"
    " DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\n"
    " dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\n";

constexpr std::string_view kEd25519Public = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

Records rfc8463() {
  Records records;
  records.texts["brisbane._domainkey.football.example.com"] = "v=DKIM1; k=ed25519; p=" + std::string(kEd25519Public);
  records.texts["test._domainkey.football.example.com"] =
      "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWR"
      "iGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutAC"
      "DfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3"
      "Ip3G+2kryOTIKT+l/K4w3QIDAQAB";
  return records;
}

std::string rfc8463_mail() {
  return crlf(std::string(kEd25519Signature) + std::string(kRsaSignature) + std::string(kMail));
}

TEST(DkimVectors, BothSignaturesOfRfc8463Pass) {
  const auto verdicts = verify_dkim(rfc8463_mail(), at_noon(), rfc8463().lookup());
  ASSERT_EQ(verdicts.size(), 2U);
  for (const DkimVerdict& verdict : verdicts) {
    EXPECT_EQ(verdict.result, DkimResult::pass) << to_string(verdict.cause);
    EXPECT_EQ(verdict.signature.domain, "football.example.com");
    EXPECT_EQ(verdict.signature.identity, "@football.example.com");
  }
  EXPECT_EQ(verdicts[0].signature.algorithm, DkimAlgorithm::ed25519_sha256);
  EXPECT_EQ(verdicts[1].signature.algorithm, DkimAlgorithm::rsa_sha256);
}

TEST(DkimVectors, NeitherSignatureOfRfc8463SurvivesAChange) {
  for (const std::string_view part : {"hungry", "dinner", "Suzie Q", "5F8J"}) {
    std::string mail = rfc8463_mail();
    mail[mail.find(part)] = '?';
    for (const DkimVerdict& verdict : verify_dkim(mail, at_noon(), rfc8463().lookup())) {
      EXPECT_EQ(verdict.result, DkimResult::fail) << part << " " << to_string(verdict.cause);
    }
  }
}

TEST(DkimVectors, PrivateKeyOfRfc8463HasItsPublicKeyAndSignsAsItDoes) {
  // RFC 8463 appendix A.1 gives the seed; this is RFC 8410's wrapping of it.
  const auto key =
      DkimKey::from_pem(base::Secret("-----BEGIN PRIVATE KEY-----\n"
                                     "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
                                     "-----END PRIVATE KEY-----\n"));
  ASSERT_TRUE(key) << key.error().text();
  EXPECT_EQ(key->public_text(), kEd25519Public);
  Records records = rfc8463();
  DkimSigner signer({.domain = "football.example.com", .keys = {{"brisbane", *key}}, .identity = "", .valid_for = {}});
  std::string mail = crlf(kMail), field;
  ASSERT_TRUE(signer.sign(mail, base::from_stored(1'528'637'909'000), field));
  EXPECT_EQ(verify_dkim(field + mail, at_noon(), records.lookup()).at(0).result, DkimResult::pass);
}

TEST(DkimVectors, SignatureOfRfc6376AppendixAPasses) {
  // simple/simple: every blank of the folds counts.
  const std::string mail = crlf(
      "DKIM-Signature: v=1; a=rsa-sha256; s=brisbane; d=example.com;\n"
      "      c=simple/simple; q=dns/txt; i=joe@football.example.com;\n"
      "      h=Received : From : To : Subject : Date : Message-ID;\n"
      "      bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\n"
      "      b=AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB\n"
      "        4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHut\n"
      "        KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV\n"
      "        4bmp/YzhwvcubU4=;\n"
      "Received: from client1.football.example.com  [192.0.2.1]\n"
      "      by submitserver.example.com with SUBMISSION;\n"
      "      Fri, 11 Jul 2003 21:01:54 -0700 (PDT)\n" +
      std::string(kMail));
  Records records;
  records.texts["brisbane._domainkey.example.com"] =
      "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQ"
      "KBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYt"
      "IxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v"
      "/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhi"
      "tdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB";
  const auto verdicts = verify_dkim(mail, at_noon(), records.lookup());
  ASSERT_EQ(verdicts.size(), 1U);
  EXPECT_EQ(verdicts[0].result, DkimResult::pass) << to_string(verdicts[0].cause);
  EXPECT_EQ(verdicts[0].signature.identity, "joe@football.example.com");
}

}  // namespace
}  // namespace todoku::authentication
