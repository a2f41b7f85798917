#include "smtp/content.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace todoku::smtp {
namespace {

std::string stuffed(std::string_view content) {
  std::vector<std::string_view> pieces;
  append_stuffed(content, inspect(content), pieces);
  std::string text;
  for (auto piece : pieces) text += piece;
  return text;
}

// RFC 5321 section 4.5.2, as slowly as it is said.
std::string stuffed_byte_by_byte(std::string_view content) {
  std::string text;
  for (std::size_t i = 0; i < content.size(); ++i) {
    if (content[i] == '.' && (i == 0 || content[i - 1] == '\n')) text += '.';
    text += content[i];
  }
  if (!content.empty() && !content.ends_with("\r\n")) text += "\r\n";
  return text + ".\r\n";
}

TEST(Content, IsStuffedAndEnded) {
  EXPECT_EQ(stuffed("a\r\n.b\r\n..\r\n.\r\n"), "a\r\n..b\r\n...\r\n..\r\n.\r\n");
  EXPECT_EQ(stuffed("."), "..\r\n.\r\n");
  EXPECT_EQ(stuffed(""), ".\r\n");
  EXPECT_EQ(stuffed("no end"), "no end\r\n.\r\n");
}

TEST(Content, IsStuffedLikeTheSlowWay) {
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::string content;
    for (auto n = random() % 20; n > 0; --n) content += std::array{"\r\n", ".", "a", "\r\n."}[random() % 4];
    ASSERT_EQ(stuffed(content), stuffed_byte_by_byte(content)) << i;
  }
}

TEST(Content, BareLineEndsAreSeen) {
  for (std::string_view bad : {"\n", "\r", "a\nb", "a\rb", "a\r\r\n", "\n.\r\n", "x\r\n\n"})
    EXPECT_TRUE(inspect(bad).bare_line_end) << bad;
  for (std::string_view good : {"", "a", "\r\n", "a\r\n\r\nb\r\n"}) EXPECT_FALSE(inspect(good).bare_line_end) << good;
}

TEST(Content, EightBitIsSeen) {
  EXPECT_TRUE(inspect("\xe6").eight_bit);
  EXPECT_TRUE(inspect("a\xe6\r\n").eight_bit);
  EXPECT_FALSE(inspect("abc\x7f").eight_bit);
}

}  // namespace
}  // namespace todoku::smtp
