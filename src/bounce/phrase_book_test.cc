#include "bounce/phrase_book.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace todoku::bounce {
namespace {

constexpr std::array<std::string_view, 4> kPhrases = {"could not be delivered", "not be", "be delivered to",
                                                      "配信できません"};

TEST(PhraseBook, FindsOverlappingPhrasesWithTheirPlaces) {
  const auto tables = make_phrase_book(kPhrases);
  const PhraseBook book(tables);
  const std::string_view text = "It Could NOT be delivered to you";
  const auto hits = book.find(text);
  ASSERT_EQ(hits.size(), 3u);
  EXPECT_EQ(hits[0].phrase, 1u);
  EXPECT_EQ(text.substr(hits[1].begin, hits[1].end - hits[1].begin), "Could NOT be delivered");
  EXPECT_EQ(hits[2].phrase, 2u);
}

TEST(PhraseBook, MatchesOverWrappedAndQuotedLines) {
  const auto tables = make_phrase_book(kPhrases);
  const PhraseBook book(tables);
  const std::string_view text = "> It could\n>  not be \r\n> \tdelivered";
  const auto hits = book.find(text);
  ASSERT_EQ(hits.size(), 2u);
  EXPECT_EQ(hits[1].phrase, 0u);
  EXPECT_EQ(hits[1].begin, 5u);
  EXPECT_EQ(hits[1].end, text.size());
}

TEST(PhraseBook, FindsWordsOfOtherScriptsAndStopsAtTheLimit) {
  const auto tables = make_phrase_book(kPhrases);
  const PhraseBook book(tables);
  EXPECT_EQ(book.find("メールを配信できませんでした").size(), 1u);
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "not be ";
  EXPECT_EQ(book.find(many, 10).size(), 10u);
  EXPECT_TRUE(book.find("nothing of it").empty());
}

}  // namespace
}  // namespace todoku::bounce
