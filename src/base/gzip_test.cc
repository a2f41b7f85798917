#include "base/gzip.h"

#include <gtest/gtest.h>

namespace todoku::base {
namespace {

TEST(Gzip, GivesBackWhatItTook) {
  for (const std::size_t size : {0U, 1U, 70'000U, 3'000'000U}) {
    std::string text;
    while (text.size() < size) text += std::to_string(text.size() * 7919) + "\r\n";
    EXPECT_EQ(*gunzip(gzip(text), text.size()), text);
  }
}

TEST(Gzip, StopsAtTheLimit) {
  const std::string bomb = gzip(std::string(50 << 20, 'x'));
  EXPECT_LT(bomb.size(), 100'000U);
  const auto out = gunzip(bomb, 1 << 20);
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().code, ErrorCode::limit);
}

TEST(Gzip, RefusesWhatIsCutOffOrNone) {
  const std::string whole = gzip("some text that is long enough to be cut");
  for (const auto& broken : {whole.substr(0, whole.size() - 9), std::string("plain"), std::string()}) {
    const auto out = gunzip(broken, 1000);
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code, ErrorCode::invalid);
  }
}

}  // namespace
}  // namespace todoku::base
