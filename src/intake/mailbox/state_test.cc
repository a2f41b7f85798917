#include "intake/mailbox/state.h"

#include <gtest/gtest.h>

#include "store/test_store.h"

namespace todoku::intake::mailbox {
namespace {

class MailboxStateTest : public store::StoreTest {
 protected:
  std::string grant(const std::string& configured) {
    return std::string(find_grant(*store().read(), "imap a@b", base::Secret(configured)).reveal());
  }
  void keep(const std::string& configured, const std::string& newest) {
    store().write_now(
        [&](store::Connection& db) { keep_grant(db, "imap a@b", base::Secret(configured), base::Secret(newest)); });
  }
};
TODOKU_ON_BOTH_ENGINES(MailboxStateTest);

TEST_P(MailboxStateTest, TheNewestGrantReplacesTheOneItGoesBackTo) {
  EXPECT_EQ(grant("first"), "first");
  keep("first", "second");
  keep("first", "third");
  EXPECT_EQ(grant("first"), "third");
  EXPECT_EQ(grant("another"), "another") << "the operator granted the access anew";
  keep("another", "fourth");
  EXPECT_EQ(grant("another"), "fourth");
}

}  // namespace
}  // namespace todoku::intake::mailbox
