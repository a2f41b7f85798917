#include "base/hex.h"

#include <gtest/gtest.h>

namespace todoku::base {
namespace {

TEST(Hex, SmallDigitsTwoForEachByte) {
  EXPECT_EQ(to_hex(std::string_view("\x00\x0f\xa5\xff z", 6)), "000fa5ff207a");
  EXPECT_EQ(to_hex(""), "");
}

}  // namespace
}  // namespace todoku::base
