#include "base/ascii.h"

#include <gtest/gtest.h>

namespace todoku::base {
namespace {

TEST(Ascii, LeavesOtherBytesAlone) {
  EXPECT_EQ(ascii_lower("ÀBC@Example.JP"), "Àbc@example.jp");
  EXPECT_TRUE(iequals("Message-ID", "message-id"));
  EXPECT_FALSE(iequals("a", "ab"));
  EXPECT_TRUE(istarts_with("Content-Type: x", "content-type"));
  EXPECT_EQ(trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(trim(" \r\n"), "");
}

}  // namespace
}  // namespace todoku::base
