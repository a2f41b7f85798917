#include "bounce/aside.h"

#include <gtest/gtest.h>

#include "bounce/rules.h"

namespace todoku::bounce {
namespace {

bool aside(std::string_view raw, std::string_view word) {
  const PlainText plain = plain_text(raw);
  return said_aside(plain, raw, plain.text.find(word));
}

TEST(Aside, AWordOfALinksPathIsAndItsHostIsNot) {
  EXPECT_TRUE(aside("550 no such user, see https://mx.example/antispam/help", "antispam"));
  EXPECT_FALSE(aside("554 refused, see https://antispam.example/help", "antispam"));
  EXPECT_FALSE(aside("554 see https://mx.example/help for spam", "spam"));
}

TEST(Aside, WhatIsAskedOfWhoThinksOtherwiseIsUntilTheSentenceEnds) {
  EXPECT_TRUE(aside("550 Mailbox full. If you believe that this is a spam block, write to us", "spam"));
  EXPECT_TRUE(aside("550 Buzón lleno. Si cree que es un bloqueo por spam escriba a a@b.example", "spam"));
  EXPECT_FALSE(aside("550 If you think so, ask us. This is spam", "spam"));
  EXPECT_FALSE(aside("550 spam. If you believe this is wrong, ask us", "spam"));
}

TEST(Aside, WeighsLessThanTheMatterAndMoreThanNothing) {
  const auto rules = *Rules::load();
  const auto reason = [&](std::string_view text) {
    return rules->judge({.text = text, .stage = smtp::Stage::rcpt, .reply_code = 550}).reason;
  };
  EXPECT_EQ(reason("550 5.7.1 no such user, see https://mx.example/antispam"), Reason::user_unknown);
  EXPECT_EQ(reason("550 5.7.1 see https://mx.example/antispam"), Reason::spam_detected);
}

}  // namespace
}  // namespace todoku::bounce
