#include <gtest/gtest.h>

#include "store/test_store.h"
#include "tracking/token.h"

namespace todoku::tracking {
namespace {

using namespace std::chrono_literals;

constexpr base::Time kNow{1'800'000'000'000ms};
constexpr MailId kMail{{3}, {42}};

class TokenStoreTest : public store::StoreTest {};
TODOKU_ON_BOTH_ENGINES(TokenStoreTest);

TEST_P(TokenStoreTest, AnOldKeysReturnPathsHoldForATimeAndItsLinksForEver) {
  const Tokens first = load_tokens(store(), kNow);
  const std::string path = first.sign(Purpose::return_path, kMail), link = first.sign(Purpose::unsubscribe, kMail);
  rotate_token_key(store(), kNow + 24h);
  const Tokens second = load_tokens(store(), kNow + 24h + kReturnPathLife - 1ms);
  EXPECT_NE(second.sign(Purpose::return_path, kMail), path);
  EXPECT_EQ(second.verify(Purpose::return_path, path), kMail);
  const Tokens later = load_tokens(store(), kNow + 24h + kReturnPathLife);
  EXPECT_FALSE(later.verify(Purpose::return_path, path));
  EXPECT_EQ(later.verify(Purpose::unsubscribe, link), kMail);
  EXPECT_EQ(later.verify(Purpose::return_path, second.sign(Purpose::return_path, kMail)), kMail);
  const auto keys = token_keys(*store().read());
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_EQ(keys[0].superseded_at, kNow + 24h);
  EXPECT_FALSE(keys[1].superseded_at);
}

}  // namespace
}  // namespace todoku::tracking
