#include "base/secret.h"

#include <gtest/gtest.h>

namespace todoku::base {
namespace {

TEST(Secret, IsRevealedOnlyWhenAsked) {
  Secret s("hunter2");
  EXPECT_EQ(s.reveal(), "hunter2");
  const Secret moved = std::move(s);
  EXPECT_EQ(moved.reveal(), "hunter2");
  EXPECT_TRUE(s.empty());  // NOLINT(bugprone-use-after-move): a moved-from secret is specified to be empty
}

}  // namespace
}  // namespace todoku::base
