#include "tracking/current_tokens.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace todoku::tracking {
namespace {

using namespace std::chrono_literals;

Tokens with_keys(std::uint64_t count) {
  std::vector<TokenKey> keys;
  for (std::uint64_t id = 1; id <= count; ++id) {
    keys.push_back({id, base::Secret(std::string(Tokens::kSecretSize, static_cast<char>(id)))});
  }
  return Tokens(std::move(keys));
}

TEST(CurrentTokens, FindsAKeyThatWasMadeMeanwhile) {
  std::uint64_t keys = 1;
  CurrentTokens tokens([&] { return with_keys(keys); }, 0s);
  keys = 2;
  const std::string token = with_keys(2).sign(Purpose::return_path, {{1}, {2}});
  EXPECT_FALSE(tokens.known()->verify(Purpose::return_path, token));
  EXPECT_TRUE(tokens.stale());
  EXPECT_TRUE(tokens.newest()->verify(Purpose::return_path, token));
  EXPECT_TRUE(tokens.known()->verify(Purpose::return_path, token));
}

TEST(CurrentTokens, ReadsNoMoreOftenThanAllowed) {
  int readings = 0;
  CurrentTokens tokens([&] { return ++readings, with_keys(1); }, 1h);
  for (int i = 0; i < 100; ++i) (void)tokens.newest();
  EXPECT_EQ(readings, 1);
  EXPECT_FALSE(tokens.stale());
}

TEST(CurrentTokens, KeepsTheOldOnesWhileTheNewCannotBeRead) {
  bool away = false;
  CurrentTokens tokens([&] { return away ? throw std::runtime_error("away") : with_keys(1); }, 0s);
  away = true;
  EXPECT_THROW((void)tokens.newest(), std::runtime_error);
  EXPECT_TRUE(tokens.known()->verify(Purpose::open, with_keys(1).sign(Purpose::open, {{1}, {2}})));
}

}  // namespace
}  // namespace todoku::tracking
