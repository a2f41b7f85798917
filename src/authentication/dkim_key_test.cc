#include "authentication/dkim_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "authentication/tag_list.h"
#include "authentication/test_mail.h"

namespace todoku::authentication {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(DkimKey, ComesBackFromItsPem) {
  for (const DkimKey& key : {rsa_test_key(), ed25519_test_key()}) {
    const auto again = DkimKey::from_pem(key.pem());
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(again->algorithm(), key.algorithm());
    EXPECT_EQ(again->public_text(), key.public_text());
  }
  EXPECT_EQ(rsa_test_key().bits(), 2048);
}

TEST(DkimKey, RefusesWhatCannotSign) {
  const auto message = [](const std::string& pem) {
    const auto key = DkimKey::from_pem(base::Secret(pem));
    return key ? "" : key.error().text();
  };
  EXPECT_THAT(message(""), HasSubstr("no private key"));
  EXPECT_THAT(message("-----BEGIN PRIVATE KEY-----\nMC4C\n-----END PRIVATE KEY-----\n"), HasSubstr("no private key"));
  EXPECT_THAT(message("-----BEGIN PRIVATE KEY-----\n"
                      "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgevZzL1gdAFr88hb2\n"
                      "OF/2NxApJCzGCEDdfSp6VQO30hyhRANCAAQRWz+jn65BtOMvdyHKcvjBeBSDZH2r\n"
                      "1RTwjmYSi9R/zpBnuQ4EiMnCqfMPWiZqB4QdbAd0E7oH50VpuZ1P087G\n"
                      "-----END PRIVATE KEY-----\n"),
              HasSubstr("type EC"));
}

TEST(DkimRecord, ComesBackFromItsText) {
  for (const DkimKey& key : {rsa_test_key(), ed25519_test_key()}) {
    const auto record = parse_dkim_record(dkim_record_text(key.algorithm(), key.public_text()));
    ASSERT_TRUE(record);
    EXPECT_TRUE(publishes(*record, key.algorithm(), key.public_text()));
    EXPECT_FALSE(publishes(*record, key.algorithm(), DkimKey::generate(DkimAlgorithm::ed25519_sha256).public_text()));
    EXPECT_FALSE(record->testing || record->exact_domain);
  }
}

TEST(DkimRecord, IsReadAsTheRfcHasIt) {
  EXPECT_EQ(parse_dkim_record("p=AAAA")->type, "rsa");
  EXPECT_EQ(parse_dkim_record(" v = DKIM1 ; k=Ed25519; p= AA\r\n AA;")->type, "ed25519");
  EXPECT_TRUE(parse_dkim_record("v=DKIM1; p=; n=gone")->key.empty());
  EXPECT_TRUE(parse_dkim_record("v=DKIM1; t=y:s; p=AAAA")->testing);
  EXPECT_TRUE(parse_dkim_record("v=DKIM1; t=y : s; p=AAAA")->exact_domain);
  EXPECT_FALSE(parse_dkim_record("v=DKIM1; h=sha1; p=AAAA")->sha256);
  EXPECT_TRUE(parse_dkim_record("v=DKIM1; h=sha1:sha256; p=AAAA")->sha256);
  EXPECT_FALSE(parse_dkim_record("v=DKIM1; s=tlsrpt; p=AAAA")->for_mail);
  EXPECT_TRUE(parse_dkim_record("v=DKIM1; s=*; p=AAAA")->for_mail);
  for (const std::string_view text : {"", "v=DKIM1", "v=DKIM2; p=AAAA", "p=AAAA; v=DKIM1", "p=A", "p=!!!!", "p=AA=A",
                                      "v=spf1 -all", "p=AAAA; p=AAAA", "p=AAAA\x01"}) {
    EXPECT_FALSE(parse_dkim_record(text)) << text;
  }
}

TEST(DkimRecord, IsSplitIntoStringsOf255) {
  EXPECT_EQ(quoted_strings("a\"b"), "\"a\\\"b\"");
  EXPECT_EQ(quoted_strings(""), "\"\"");
  EXPECT_EQ(quoted_strings(std::string(256, 'x')), "\"" + std::string(255, 'x') + "\" \"x\"");
}

TEST(DkimRecord, Selectors) {
  for (const std::string_view good : {"s", "2024a", "a.b", "t-1", "_x"}) EXPECT_TRUE(is_selector(good)) << good;
  for (const std::string_view bad : {"", ".", "a.", "-a", "a b", "a;b", "日"}) EXPECT_FALSE(is_selector(bad)) << bad;
  EXPECT_FALSE(is_selector(std::string(64, 'x')));
}

TEST(TagList, LimitsAndOddities) {
  EXPECT_TRUE(TagList::parse(""));
  EXPECT_EQ(TagList::parse("a=1;b=;c = x y \r\n z ;")->find("c"), "x y \r\n z");
  EXPECT_EQ(TagList::parse("a=b=c")->find("a"), "b=c");
  EXPECT_EQ(TagList::parse("A=1; a=2")->find("a"), "2");
  EXPECT_FALSE(TagList::parse("a=1;;b=2"));
  EXPECT_FALSE(TagList::parse("a=1;a=2"));
  EXPECT_FALSE(TagList::parse("1=1"));
  EXPECT_FALSE(TagList::parse("a=\xE6\x97\xA5"));
  std::string many;
  for (int i = 0; i < 65; ++i) many += "t" + std::to_string(i) + "=x;";
  EXPECT_FALSE(TagList::parse(many));
  EXPECT_FALSE(TagList::parse("a=" + std::string(17'000, 'x')));
}

TEST(TagList, Colons) {
  EXPECT_THAT(*split_colons("a : b:c", 3), ElementsAre("a", "b", "c"));
  EXPECT_THAT(*split_colons("", 3), ElementsAre(""));
  EXPECT_FALSE(split_colons("a:b:c:d", 3));
}

}  // namespace
}  // namespace todoku::authentication
