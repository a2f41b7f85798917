#include "intake/own_addresses.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

namespace todoku::intake {
namespace {

using tracking::Purpose;

tracking::Tokens tokens(char secret) {
  std::vector<tracking::TokenKey> keys;
  keys.push_back({1, base::Secret(std::string(tracking::Tokens::kSecretSize, secret))});
  return tracking::Tokens(std::move(keys));
}

const tracking::Tokens kOurs = tokens('o');
const OwnAddresses kOwn = OwnAddresses::make({"bounce.example.jp", "日本語.jp"}, {"FBL@example.jp"}).value();

std::string return_path(const tracking::Tokens& by, Purpose purpose = Purpose::return_path) {
  return by.sign(purpose, {{7}, {1234}});
}

TEST(OwnAddresses, FindsWhatWeSigned) {
  const std::string token = return_path(kOurs);
  EXPECT_EQ(kOwn.find("bounces+" + token + "@bounce.example.jp", kOurs), Recipient::return_path);
  EXPECT_EQ(kOwn.find("bounces+" + token + "@xn--wgv71a119e.jp", kOurs), Recipient::return_path);
  std::string loud = "BOUNCES+" + token + "@BOUNCE.EXAMPLE.JP";
  std::ranges::transform(loud, loud.begin(), [](char c) { return static_cast<char>(std::toupper(c)); });
  EXPECT_EQ(kOwn.find(loud, kOurs), Recipient::return_path);
  EXPECT_EQ(kOwn.find("unsubscribe+" + return_path(kOurs, Purpose::unsubscribe) + "@bounce.example.jp", kOurs),
            Recipient::unsubscribe);
}

TEST(OwnAddresses, TellsForgedOnes) {
  std::string changed = return_path(kOurs);
  char& inside = changed[changed.size() - 4];
  inside = inside == 'a' ? 'b' : 'a';
  for (const std::string& token : {return_path(tokens('x')), changed, std::string("x"), std::string(50, 'a'),
                                   return_path(kOurs, Purpose::unsubscribe)}) {
    EXPECT_EQ(kOwn.find("bounces+" + token + "@bounce.example.jp", kOurs), Recipient::forged) << token;
  }
  EXPECT_EQ(kOwn.find("unsubscribe+" + return_path(kOurs) + "@bounce.example.jp", kOurs), Recipient::unknown);
  EXPECT_FALSE(is_ours(Recipient::forged));
}

TEST(OwnAddresses, HasThePostmasterAndWhoIsNamed) {
  EXPECT_EQ(kOwn.find("Postmaster", kOurs), Recipient::office);
  EXPECT_EQ(kOwn.find("postmaster@Bounce.example.jp", kOurs), Recipient::office);
  EXPECT_EQ(kOwn.find("abuse@bounce.example.jp", kOurs), Recipient::office);
  EXPECT_EQ(kOwn.find("fbl@EXAMPLE.JP", kOurs), Recipient::further);
  EXPECT_EQ(kOwn.find("postmaster@elsewhere.example", kOurs), Recipient::foreign);
}

TEST(OwnAddresses, TakesNoTrickForOneOfThem) {
  const std::string good = "bounces+" + return_path(kOurs);
  const std::string domain = "@bounce.example.jp";
  for (const std::string& address :
       {good + "@elsewhere.example", "user%elsewhere.example" + domain, "elsewhere.example!user" + domain,
        "\"user@elsewhere.example\"" + domain, "user@elsewhere.example" + domain, good + "%elsewhere.example" + domain,
        good + "@[127.0.0.1]", good + "@bounce.example.jp.", good + domain + "@elsewhere.example",
        "@elsewhere.example:" + good + domain, "a" + domain, "=?utf-8?q?postmaster?=" + domain,
        std::string("postmaster") + '\0' + domain, std::string(), std::string("@"), domain, good}) {
    const Recipient found = kOwn.find(address, kOurs);
    EXPECT_FALSE(is_ours(found)) << address << " is " << to_string(found);
  }
}

TEST(OwnAddresses, NeedsADomain) {
  EXPECT_FALSE(OwnAddresses::make({}, {"a@example.jp"}));
  EXPECT_FALSE(OwnAddresses::make({"no domain"}, {}));
  EXPECT_FALSE(OwnAddresses::make({"example.jp"}, {"nobody"}));
}

}  // namespace
}  // namespace todoku::intake
