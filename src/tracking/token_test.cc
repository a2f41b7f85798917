#include "tracking/token.h"

#include <gtest/gtest.h>

#include "tracking/base32.h"

namespace todoku::tracking {
namespace {

TokenKey key(std::uint64_t id, char fill) { return {id, base::Secret(std::string(Tokens::kSecretSize, fill))}; }

Tokens one_key() {
  std::vector<TokenKey> keys;
  keys.push_back(key(1, 'a'));
  return Tokens(std::move(keys));
}

TEST(Token, ComesBackAsTheMailItNames) {
  const Tokens tokens = one_key();
  const MailId mail{{12}, {1'000'000}};
  const std::string token = tokens.sign(Purpose::return_path, mail);
  EXPECT_LE(token.size(), 26U);
  EXPECT_EQ(tokens.verify(Purpose::return_path, token), mail);
}

TEST(Token, SurvivesChangedLetterCase) {
  const Tokens tokens = one_key();
  std::string token = tokens.sign(Purpose::unsubscribe, {{1}, {2}});
  for (char& c : token) c = static_cast<char>(std::toupper(c));
  EXPECT_EQ(tokens.verify(Purpose::unsubscribe, token), (MailId{{1}, {2}}));
}

TEST(Token, IsRefusedForAnotherPurposeOrWithAnyBitChanged) {
  const Tokens tokens = one_key();
  const std::string token = tokens.sign(Purpose::open, {{5}, {6}});
  EXPECT_FALSE(tokens.verify(Purpose::click, token));
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string forged = token;
    forged[i] = forged[i] == 'a' ? 'b' : 'a';
    EXPECT_FALSE(tokens.verify(Purpose::open, forged)) << i;
  }
  EXPECT_FALSE(tokens.verify(Purpose::open, token + "a"));
  EXPECT_FALSE(tokens.verify(Purpose::open, token.substr(1)));
  EXPECT_FALSE(tokens.verify(Purpose::open, ""));
  EXPECT_FALSE(tokens.verify(Purpose::open, "not a token!"));
}

TEST(Token, OfAnOldKeyVerifiesAfterRotation) {
  const std::string old = one_key().sign(Purpose::visit, {{7}, {8}});
  std::vector<TokenKey> keys;
  keys.push_back(key(1, 'a'));
  keys.push_back(key(2, 'b'));
  const Tokens rotated(std::move(keys));
  EXPECT_EQ(rotated.verify(Purpose::visit, old), (MailId{{7}, {8}}));
  EXPECT_NE(rotated.sign(Purpose::visit, {{7}, {8}}), old);
}

TEST(Token, OfAReturnPathEndsWithItsKeysTime) {
  std::vector<TokenKey> keys;
  keys.push_back(key(1, 'a'));
  keys.back().return_paths = false;
  keys.push_back(key(2, 'b'));
  const Tokens rotated(std::move(keys));
  const Tokens old = one_key();
  EXPECT_FALSE(rotated.verify(Purpose::return_path, old.sign(Purpose::return_path, {{7}, {8}})));
  EXPECT_TRUE(rotated.verify(Purpose::unsubscribe, old.sign(Purpose::unsubscribe, {{7}, {8}})));
  EXPECT_TRUE(rotated.verify(Purpose::return_path, rotated.sign(Purpose::return_path, {{7}, {8}})));
}

TEST(Base32, HasOneSpellingForEachByteString) {
  for (const std::string text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) {
    EXPECT_EQ(from_base32(to_base32(text)), text);
  }
  EXPECT_EQ(to_base32("foobar"), "mzxw6ytboi");  // RFC 4648 section 10
  EXPECT_FALSE(from_base32("mzxw6ytbol"));       // the same bytes with a loose bit
  EXPECT_FALSE(from_base32("mzxw6ytboi1"));
}

}  // namespace
}  // namespace todoku::tracking
