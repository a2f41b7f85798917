#include "store/utf8.h"

#include <gtest/gtest.h>

namespace todoku::store {
namespace {

const std::string kMark = "\xEF\xBF\xBD";

TEST(Utf8, WellFormedIsStorable) {
  for (const std::string_view text : {"", "plain", "届く", "ＡＢＣ\x7F", "\xF0\x9F\x8D\xA3", "\xF4\x8F\xBF\xBF",
                                      "\xED\x9F\xBF", "long enough for words of 8 é and on"}) {
    EXPECT_TRUE(is_storable_text(text)) << text;
    EXPECT_EQ(to_storable_text(text), text);
  }
}

TEST(Utf8, TheRestIsNot) {
  const std::string nul("eight bytes and \0 later", 23);
  for (const std::string_view text :
       {std::string_view(nul), std::string_view("\x80"), std::string_view("\xC0\xAF"), std::string_view("\xE0\x80\x80"),
        std::string_view("\xED\xA0\x80"), std::string_view("\xF4\x90\x80\x80"), std::string_view("\xF5\x80\x80\x80"),
        std::string_view("\xE3\x81"), std::string_view("0123456789\xFF")}) {
    EXPECT_FALSE(is_storable_text(text));
    EXPECT_TRUE(is_storable_text(to_storable_text(text)));
  }
  EXPECT_EQ(to_storable_text("a\xFF\xE3\x81\x82z"), "a" + kMark + "\xE3\x81\x82z");
  EXPECT_EQ(to_storable_text(nul), "eight bytes and " + kMark + " later");
}

}  // namespace
}  // namespace todoku::store
