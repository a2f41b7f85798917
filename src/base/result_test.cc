#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace todoku::base {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return Error{ErrorCode::invalid, "odd", "give an even number", "n"};
  return n / 2;
}

Result<void> check(bool good) {
  if (!good) return Error{ErrorCode::refused, "no", "", ""};
  return done;
}

TEST(Result, HoldsAValueOrAnError) {
  EXPECT_EQ(half(4).value(), 2);
  const auto failed = half(3);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::invalid);
  EXPECT_EQ(failed.error().text(), "n: odd (give an even number)");
}

TEST(Result, MovesItsValueOut) {
  Result<std::unique_ptr<int>> r = std::make_unique<int>(7);
  const std::unique_ptr<int> taken = *std::move(r);
  EXPECT_EQ(*taken, 7);
}

TEST(Result, OfVoidIsDoneOrFailed) {
  EXPECT_TRUE(check(true));
  EXPECT_EQ(check(false).error().text(), "no");
}

}  // namespace
}  // namespace todoku::base
