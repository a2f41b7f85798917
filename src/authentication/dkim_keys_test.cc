#include "authentication/dkim_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "authentication/dkim_key_file.h"
#include "authentication/test_mail.h"
#include "store/test_store.h"

namespace todoku::authentication {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

DkimKeyEntry entry(std::string domain, std::string selector, DkimKeyState state,
                   DkimAlgorithm algorithm = DkimAlgorithm::rsa_sha256) {
  DkimKeyEntry made;
  made.domain = std::move(domain);
  made.selector = std::move(selector);
  made.state = state;
  made.algorithm = algorithm;
  made.public_key = "AAAA";
  made.created_at = at_noon();
  return made;
}

std::vector<std::string> selectors(const std::vector<DkimKeyEntry>& keys) {
  std::vector<std::string> out;
  for (const DkimKeyEntry& key : keys) out.push_back(key.selector + ":" + std::string(to_string(key.state)));
  return out;
}

class DkimKeysTest : public store::StoreTest {
 protected:
  base::Result<void> add(const DkimKeyEntry& key) {
    base::Result<void> result = base::done;
    store().write_now([&](store::Connection& db) { result = add_dkim_key(db, key); });
    return result;
  }
  std::vector<DkimKeyEntry> keys(std::string_view domain = {}) { return dkim_keys(*store().read(), domain); }
  std::vector<std::string> signers(std::string_view domain) { return selectors(signing_keys(*store().read(), domain)); }
};
TODOKU_ON_BOTH_ENGINES(DkimKeysTest);

TEST_P(DkimKeysTest, AreKept) {
  ASSERT_TRUE(add(entry("example.jp", "a", DkimKeyState::active, DkimAlgorithm::ed25519_sha256)));
  const auto found = keys();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].algorithm, DkimAlgorithm::ed25519_sha256);
  EXPECT_EQ(found[0].created_at, at_noon());
  EXPECT_EQ(found[0].public_key, "AAAA");
  EXPECT_FALSE(found[0].retired_at);
  const auto again = add(entry("example.jp", "a", DkimKeyState::waiting));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, base::ErrorCode::exists);
  EXPECT_TRUE(add(entry("example.com", "a", DkimKeyState::waiting)));
  EXPECT_EQ(keys("example.jp").size(), 1U);
}

TEST_P(DkimKeysTest, OneKeyOfAnAlgorithmIsActive) {
  ASSERT_TRUE(add(entry("example.jp", "old", DkimKeyState::active)));
  ASSERT_TRUE(add(entry("example.jp", "ed", DkimKeyState::active, DkimAlgorithm::ed25519_sha256)));
  ASSERT_TRUE(add(entry("example.jp", "new", DkimKeyState::waiting)));
  EXPECT_THAT(signers("example.jp"), ElementsAre("old:active", "ed:active"));
  store().write_now([&](store::Connection& db) { activate_dkim_key(db, dkim_keys(db)[2], at_noon()); });
  EXPECT_THAT(selectors(keys()), ElementsAre("old:retired", "ed:active", "new:active"));
  EXPECT_EQ(keys()[0].retired_at, at_noon());
  EXPECT_EQ(keys()[2].active_at, at_noon());
  store().write_now([&](store::Connection& db) { forget_dkim_key(db, dkim_keys(db)[0]); });
  EXPECT_THAT(selectors(keys()), ElementsAre("ed:active", "new:active"));
}

TEST_P(DkimKeysTest, TheNearestDomainSigns) {
  ASSERT_TRUE(add(entry("example.jp", "parent", DkimKeyState::active)));
  ASSERT_TRUE(add(entry("news.example.jp", "news", DkimKeyState::active)));
  ASSERT_TRUE(add(entry("shop.example.jp", "shop", DkimKeyState::waiting)));
  EXPECT_THAT(signers("news.example.jp"), ElementsAre("news:active"));
  EXPECT_THAT(signers("a.news.example.jp"), ElementsAre("news:active"));
  EXPECT_THAT(signers("shop.example.jp"), ElementsAre("parent:active"));
  EXPECT_THAT(signers("other-example.jp"), ElementsAre());
  EXPECT_THAT(signers("jp"), ElementsAre());
}

class DkimKeyFile : public testing::Test {
 protected:
  DkimKeyFile() {
    std::string name = (std::filesystem::temp_directory_path() / "todoku-dkim-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~DkimKeyFile() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

TEST_F(DkimKeyFile, IsPrivateAndComesBack) {
  const auto path = dkim_key_path(folder_ / "data" / "dkim", "example.jp", "s1");
  const auto saved = save_dkim_key(path, ed25519_test_key());
  ASSERT_TRUE(saved) << saved.error().text();
  struct stat about{};
  ASSERT_EQ(::stat(path.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 07777, 0600U);
  const auto loaded = load_dkim_key(path);
  ASSERT_TRUE(loaded) << loaded.error().text();
  EXPECT_EQ(loaded->public_text(), ed25519_test_key().public_text());
  EXPECT_EQ(save_dkim_key(path, rsa_test_key()).error().code, base::ErrorCode::exists);
}

TEST_F(DkimKeyFile, SaysWhatIsWrong) {
  EXPECT_EQ(load_dkim_key(folder_ / "none.pem").error().code, base::ErrorCode::not_found);
  const auto path = folder_ / "bad.pem";
  std::ofstream(path) << "hello\n";
  std::filesystem::permissions(path, std::filesystem::perms{0600});
  EXPECT_THAT(load_dkim_key(path).error().text(), HasSubstr("bad.pem: no private key"));
  std::filesystem::permissions(path, std::filesystem::perms{0640});
  EXPECT_EQ(load_dkim_key(path).error().code, base::ErrorCode::refused);
  EXPECT_EQ(save_dkim_key("/proc/none/x.pem", rsa_test_key()).error().code, base::ErrorCode::not_found);
}

}  // namespace
}  // namespace todoku::authentication
