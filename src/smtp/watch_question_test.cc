#include "smtp/watch_question.h"

#include <gtest/gtest.h>

namespace todoku::smtp {
namespace {

using State = WatchQuestion::State;

TEST(WatchQuestion, IsOneLineHoweverItComes) {
  WatchQuestion question;
  EXPECT_EQ(question.read("example"), State::more);
  EXPECT_FALSE(question.wants("other", "example", "mx.example"));
  EXPECT_EQ(question.read(".jp\nother.jp\n"), State::asked);
  EXPECT_EQ(question.read("more\n"), State::asked);
  EXPECT_TRUE(question.wants("gmail", "example.jp", "mx.example.jp"));
  EXPECT_TRUE(question.wants("example.jp", "a", "b"));
  EXPECT_TRUE(question.wants("gmail", "a.jp", "example.jp"));
  EXPECT_FALSE(question.wants("gmail", "other.jp", "mx.example.jp"));
}

TEST(WatchQuestion, OfAStarIsAll) {
  WatchQuestion question;
  question.read("*\n");
  EXPECT_TRUE(question.wants("", "", ""));
  WatchQuestion empty;
  empty.read("\n");
  EXPECT_FALSE(empty.wants("gmail", "a.jp", "mx.a.jp"));
}

TEST(WatchQuestion, HasALimit) {
  WatchQuestion longest;
  EXPECT_EQ(longest.read(std::string(WatchQuestion::kLongest, 'x')), State::more);
  EXPECT_EQ(longest.read("\n"), State::asked);
  WatchQuestion whole;
  EXPECT_EQ(whole.read(std::string(WatchQuestion::kLongest + 1, 'x') + "\n"), State::refused);
  WatchQuestion pieces;
  for (std::size_t i = 0; i < WatchQuestion::kLongest; ++i) EXPECT_EQ(pieces.read("x"), State::more);
  EXPECT_EQ(pieces.read("x"), State::refused);
  EXPECT_EQ(pieces.read("*\n"), State::refused);
  EXPECT_FALSE(pieces.wants("x", "x", "x"));
}

}  // namespace
}  // namespace todoku::smtp
