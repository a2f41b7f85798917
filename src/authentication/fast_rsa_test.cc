#include "authentication/fast_rsa.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace todoku::authentication {
namespace {

constexpr const char* kSetting = "OPENSSL_ia32cap";

// NOLINTBEGIN(concurrency-mt-unsafe): one thread
TEST(FastRsa, LeavesWhatTheOperatorSet) {
  ::setenv(kSetting, "~0x1", 1);
  prefer_fast_rsa();
  EXPECT_EQ(std::string(::getenv(kSetting)), "~0x1");
  ::unsetenv(kSetting);
}

TEST(FastRsa, TakesNothingFromOpensslButAdx) {
  ::unsetenv(kSetting);
  prefer_fast_rsa();
  const char* now = ::getenv(kSetting);
  EXPECT_TRUE(now == nullptr || std::string(now) == ":~0x80000") << now;
  ::unsetenv(kSetting);
}
// NOLINTEND(concurrency-mt-unsafe)

}  // namespace
}  // namespace todoku::authentication
