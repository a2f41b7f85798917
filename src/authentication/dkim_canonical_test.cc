#include "authentication/dkim_canonical.h"

#include <gtest/gtest.h>

#include <random>

#include "authentication/dkim_body_hash.h"
#include "base/ascii.h"

namespace todoku::authentication {
namespace {

std::string relaxed(std::string_view body) {
  std::string out = "before";
  append_relaxed_body(out, body);
  return out.substr(6);
}

std::string simple(std::string_view body) {
  std::string out;
  append_simple_body(out, body);
  return out;
}

std::string field(std::string_view text) {
  std::string out;
  append_relaxed_field(out, text);
  return out;
}

/// RFC 6376 section 3.4.4, word by word and slowly.
std::string by_the_letter(std::string_view body) {
  std::string out;
  while (!body.empty()) {
    const std::size_t end = std::min(body.find("\r\n"), body.size());
    std::string line;
    bool blank = false;
    for (const char c : body.substr(0, end)) {
      if (base::ascii_blank(c)) {
        blank = true;
        continue;
      }
      if (blank) line += ' ';
      blank = false;
      line += c;
    }
    out += line + "\r\n";
    body.remove_prefix(std::min(end + 2, body.size()));
  }
  while (out.ends_with("\r\n\r\n")) out.resize(out.size() - 2);
  return out == "\r\n" ? "" : out;
}

TEST(DkimCanonical, ExamplesOfRfc6376) {  // section 3.4.5
  const std::string_view body = " C \r\nD \t E\r\n\r\n\r\n";
  EXPECT_EQ(relaxed(body), " C\r\nD E\r\n");
  EXPECT_EQ(simple(body), " C \r\nD \t E\r\n");
  EXPECT_EQ(field("A: X\r\n"), "a:X\r\n");
  EXPECT_EQ(field("B : Y\t\r\n\tZ  \r\n"), "b:Y Z\r\n");
}

TEST(DkimCanonical, EmptyBodies) {
  EXPECT_EQ(relaxed(""), "");
  EXPECT_EQ(relaxed("\r\n"), "");
  EXPECT_EQ(relaxed(" \t\r\n\r\n \r\n"), "");
  EXPECT_EQ(relaxed("   "), "");
  EXPECT_EQ(simple(""), "\r\n");
  EXPECT_EQ(simple("\r\n\r\n"), "\r\n");
}

TEST(DkimCanonical, BodyWithoutALastLineEndGetsOne) {
  EXPECT_EQ(relaxed("a  b \t"), "a b\r\n");
  EXPECT_EQ(simple("a  b \t"), "a  b \t\r\n");
}

TEST(DkimCanonical, CarriageReturnsAloneAreOctetsLikeOthers) {
  EXPECT_EQ(relaxed("a \rb\r\n"), "a \rb\r\n");
  EXPECT_EQ(relaxed("a \r"), "a \r\r\n");
  EXPECT_EQ(relaxed("a \nb\r\n"), "a \nb\r\n");
}

TEST(DkimCanonical, FieldsWithoutValueOrLineEnd) {
  EXPECT_EQ(field("Subject:\r\n"), "subject:\r\n");
  EXPECT_EQ(field("Subject:  \r\n \t\r\n"), "subject:\r\n");
  EXPECT_EQ(field("Subject: a"), "subject:a\r\n");
  EXPECT_EQ(field("no colon\r\n"), "no colon\r\n:\r\n");  // cannot be named, so is never asked for
}

std::string random_body(std::mt19937& random, std::size_t size) {
  const std::string_view kinds[] = {"a", " ", "\t", "\r\n", "\r", "\n", "=", "longer text without blanks", "<p>"};
  std::string body;
  while (body.size() < size) body += kinds[random() % std::size(kinds)];
  return body;
}

TEST(DkimCanonical, FastFormIsTheOneOfTheRfcForAnyBody) {
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    const std::string body = random_body(random, random() % 400);
    ASSERT_EQ(relaxed(body), by_the_letter(body)) << testing::PrintToString(body);
  }
}

TEST(DkimBodyHash, IsTheSameWhateverWasHashedBefore) {
  std::mt19937 random(2);
  DkimBodyHash hash;
  std::string common = random_body(random, 600);
  for (int i = 0; i < 300; ++i) {
    if (i % 100 == 99) common = random_body(random, 600);
    const std::string body = common + random_body(random, random() % 300);
    ASSERT_EQ(hash(body), sha256(by_the_letter(body))) << i << testing::PrintToString(body);
  }
}

TEST(DkimBodyHash, KnowsTheCommonBeginningAfterTwoMails) {
  DkimBodyHash hash;
  const std::string common = std::string(300, 'x') + "\r\n";
  (void)hash(common + "Dear Hanako\r\n");
  (void)hash(common + "Dear Taro\r\n");
  EXPECT_EQ(hash.known(), common.size());
  EXPECT_EQ(hash(common + "\r\n\r\n"), sha256(common));
  EXPECT_EQ(hash("another"), sha256("another\r\n"));
}

TEST(DkimBodyHash, FindsTheBeginningOfALaterCampaign) {
  DkimBodyHash hash;
  for (int i = 0; i < 20; ++i) (void)hash(std::to_string(i) + " has nothing in common\r\n");
  EXPECT_EQ(hash.known(), 0U);
  const std::string common = std::string(300, 'x') + "\r\n";
  for (int i = 0; i < 1000; ++i) (void)hash(common + std::to_string(i) + "\r\n");
  EXPECT_EQ(hash.known(), common.size());
}

}  // namespace
}  // namespace todoku::authentication
