#include "base/issued_key.h"

#include <gtest/gtest.h>

namespace todoku::base {
namespace {

TEST(IssuedKey, NamesAreWordsOfFewCharacters) {
  EXPECT_TRUE(is_key_name("shop-1.example_A"));
  EXPECT_TRUE(is_key_name(std::string(64, 'a')));
  for (const std::string& name : {std::string(), std::string(65, 'a'), std::string("a b"), std::string("店")}) {
    EXPECT_FALSE(is_key_name(name)) << name;
  }
}

TEST(IssuedKey, SecretsHaveTheirPrefixAndNeverRepeat) {
  const std::string secret = new_key_secret("todoku_");
  EXPECT_TRUE(secret.starts_with("todoku_"));
  EXPECT_EQ(secret.size(), 7U + 43U) << "32 bytes in base64";
  EXPECT_NE(secret, new_key_secret("todoku_"));
}

}  // namespace
}  // namespace todoku::base
