#include <gtest/gtest.h>

#include "bounce/freeform.h"

namespace todoku::bounce {
namespace {

constexpr std::string_view kMail =
    "From: MAILER-DAEMON@mx.example.net\nSubject: Undelivered\n\n"
    "Sorry about this.\n"
    "the box of A@example.jp is zorp\n"
    "b@example.jp\n"
    "and b@example.jp again is blip\n"
    "later a@example.jp was quux\n";

TEST(NamedLines, AreThoseOfTheAddressInAnyCase) {
  Notice notice(kMail);
  notice.read_words();
  const NamedLines lines(notice);
  EXPECT_EQ(lines.naming("a@example.jp"), "the box of A@example.jp is zorp\nlater a@example.jp was quux");
  EXPECT_EQ(lines.naming("B@example.jp"),
            "and b@example.jp again is blip");  // a line of the address alone says nothing
  EXPECT_EQ(lines.naming("a@example"), "");
  EXPECT_EQ(lines.naming(""), "");
}

TEST(NamedLines, AroundTheFirst) {
  Notice notice(kMail);
  notice.read_words();
  const NamedLines lines(notice);
  EXPECT_EQ(lines.around("b@example.jp"),
            "the box of A@example.jp is zorp\nb@example.jp\nand b@example.jp again is blip");
  EXPECT_EQ(lines.around("c@example.jp"), "");
}

}  // namespace
}  // namespace todoku::bounce
