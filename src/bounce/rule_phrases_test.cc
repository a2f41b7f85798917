#include "bounce/rule_phrases.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <random>

#include "bounce/rule_text.h"

namespace todoku::bounce {
namespace {

std::vector<PhraseFind> find(const PhraseSet& set, std::string_view plain) {
  FlatWriter out;
  set.write(out);
  const auto tables = out.take();
  FlatReader from(tables);
  return PhraseTables::read(from).find(plain);
}

bool finds(std::string_view phrase, std::string_view text, const WordList& words = {}) {
  PhraseSet set;
  const auto added = set.add(phrase, words, 7);
  EXPECT_TRUE(added.ok()) << phrase;
  const auto found = find(set, plain_text(text).text);
  return !found.empty() && found.front().tag == 7;
}

TEST(Phrases, WholeWordsUnlessStarred) {
  EXPECT_TRUE(finds("full", "mailbox full"));
  EXPECT_FALSE(finds("full", "successfully"));
  EXPECT_TRUE(finds("exist*", "nothing existed"));
  EXPECT_FALSE(finds("exist*", "preexisting"));
  EXPECT_TRUE(finds("*fach", "Postfach voll"));
  EXPECT_FALSE(finds("нет", "интернет"));
}

TEST(Phrases, UnderscoreIsABlankOrNothing) {
  for (const char* text : {"not found", "not-found", "not_found", "NotFound", "not\r\n found"})
    EXPECT_TRUE(finds("not_found", text)) << text;
  EXPECT_FALSE(finds("not_found", "not yet found"));
}

TEST(Phrases, AWordStandsForItsMisspellings) {
  const WordList words = {{"misspelt_exist", "exsist|exits"}, {"misspelt_user", "uesr"}};
  EXPECT_TRUE(finds("user .. not_exist*", "the uesr does not exsists", words));
  EXPECT_TRUE(finds("user .. not_exist*", "the user does not exist", words));
  EXPECT_FALSE(finds("users", "uesr", words));
  EXPECT_FALSE(finds("user", "uesr"));
}

TEST(Phrases, AdjacentNearAndFar) {
  EXPECT_TRUE(finds("user unknown", "user <a@example.com>: unknown"));
  EXPECT_FALSE(finds("user unknown", "user is unknown"));
  EXPECT_TRUE(finds("user .. unknown", "user is unknown"));
  const std::string far = "user " + std::string(100, '.') + " unknown";
  EXPECT_FALSE(finds("user .. unknown", far));
  EXPECT_TRUE(finds("user ... unknown", far));
  EXPECT_FALSE(finds("user .. unknown", "unknown user"));
}

TEST(Phrases, TheNearestEarlierWordCounts) {
  EXPECT_TRUE(finds("user .. unknown", "user " + std::string(100, '.') + " user unknown"));
  EXPECT_TRUE(finds("a .. b .. c", "a b " + std::string(60, '.') + " b c a b c"));
}

TEST(Phrases, AnchorsOptionalSlotsAndLists) {
  EXPECT_TRUE(finds("^ blocked", "550 5.7.1 Blocked"));
  EXPECT_FALSE(finds("^ blocked", "you are blocked"));
  EXPECT_TRUE(finds("invalid $", "address invalid."));
  EXPECT_FALSE(finds("invalid $", "invalid address"));
  EXPECT_TRUE(finds("not served here|$", "this domain is not served"));
  EXPECT_TRUE(finds("not served here|$", "this domain is not served here any more"));
  EXPECT_FALSE(finds("not served here|$", "this domain is not served at night"));
  EXPECT_FALSE(finds("not .. served|$", "not everything is"));
  PhraseSet set;
  EXPECT_FALSE(set.add("not $|served here", {}, 0).ok()) << "the end is no word";
  EXPECT_TRUE(finds("no the? user", "no user"));
  EXPECT_TRUE(finds("no the? user", "no the user"));
  const WordList words{{"who", "user|<more>"}, {"more", "mail_box"}};
  EXPECT_TRUE(finds("<who> full", "mailbox full", words));
}

TEST(Phrases, AccentsCaseAndWidthDoNotMatter) {
  EXPECT_TRUE(finds("depasse", "quota DÉPASSÉ"));
  EXPECT_TRUE(finds("dépassé", "quota depasse"));
  EXPECT_TRUE(finds("неизвестен", "ПОЛЬЗОВАТЕЛЬ НЕИЗВЕСТЕН"));
  EXPECT_TRUE(finds("user", "USER"));
  EXPECT_TRUE(finds("宛先 .. 不明", "宛先が不明です"));
  EXPECT_TRUE(finds("khong ton tai", "không tồn tại"));
  EXPECT_TRUE(finds("nu a fost gasita", "nu a fost găsită, ștearsă"));
  EXPECT_TRUE(finds("διευθυνση δεν βρεθηκε", "Η διεύθυνση ΔΕΝ ΒΡΈΘΗΚΕ"));
  EXPECT_TRUE(finds("الحساب .. معطل", "أن الحِسـاب معطّل"));
}

TEST(Phrases, GapsAreCountedInLettersOfWhateverScript) {
  EXPECT_TRUE(finds("адрес .. найден", "адрес получателя, который вы указали, не найден"));
  EXPECT_TRUE(finds("กล่อง .. เต็ม", "กล่องจดหมายของผู้รับเต็ม"));
  EXPECT_FALSE(
      finds("宛先 .. 不明", "宛先にはお客様がご指定になりましたアドレスをお書きくださいますようお願いいたします不明"));
}

TEST(Phrases, AnOpenWordIsFollowedByWhatFollowsTheWholeWord) {
  EXPECT_TRUE(finds("desconocid* o buzon", "desconocido o buzón"));
  EXPECT_FALSE(finds("desconocid* o buzon", "desconocido del buzón"));
}

TEST(Phrases, WrongOnesAreRefused) {
  PhraseSet set;
  for (const char* phrase : {"", "..", "a ..", ".. a", "<none>", "a*b", "*", "|", "a? b? c? d? e?"})
    EXPECT_FALSE(set.add(phrase, {}, 0).ok()) << phrase;
  EXPECT_FALSE(set.add("<x>", {{"x", "<y>"}, {"y", "<x>"}}, 0).ok());
}

// The same language as a regular expression, as the reference.
std::string expression(const std::vector<std::string>& slots, const std::vector<std::string>& links) {
  std::string out;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (i > 0)
      out += links[i - 1].empty() ? "[a-z]*[^a-z0-9]{0,12}" : links[i - 1] == ".." ? "(?s:.{0,50})" : "(?s:.{0,400})";
    out += "(?:" + slots[i] + ")";
  }
  return out;
}

TEST(Phrases, AgreesWithRegularExpressions) {
  std::mt19937 random(20261124);
  const std::vector<std::string> words = {"aa", "ab", "b", "ba", "abc"};
  const auto pick = [&](std::size_t n) { return random() % n; };
  for (int round = 0; round < 3000; ++round) {
    std::vector<std::string> slots, links;
    std::string phrase;
    for (std::size_t i = 0, n = 1 + pick(4); i < n; ++i) {
      if (i > 0) {
        links.push_back(std::vector<std::string>{"", "..", "..."}[pick(3)]);
        phrase += " " + links.back() + (links.back().empty() ? "" : " ");
      }
      slots.push_back(words[pick(5)] + "|" + words[pick(5)]);
      phrase += slots.back();
    }
    // Starred on both sides, so that edges of words play no part.
    std::string starred;
    for (std::size_t at = 0; at < phrase.size(); ++at) {
      const bool letter = phrase[at] >= 'a' && phrase[at] <= 'c';
      const bool before = at > 0 && phrase[at - 1] >= 'a' && phrase[at - 1] <= 'c';
      if (letter && !before) starred += '*';
      starred += phrase[at];
      if (letter && (at + 1 == phrase.size() || phrase[at + 1] < 'a' || phrase[at + 1] > 'c')) starred += '*';
    }
    std::string text;
    for (std::size_t i = 0, n = pick(12); i < n; ++i)
      text += words[pick(5)] + (pick(3) == 0 ? std::string(pick(70), '.') : pick(2) ? " " : "");
    PhraseSet set;
    ASSERT_TRUE(set.add(starred, {}, 0).ok()) << starred;
    const bool found = !find(set, text).empty();
    EXPECT_EQ(found, RE2::PartialMatch(text, expression(slots, links))) << starred << " in " << text;
  }
}

// A text made to cost: every word a find of every slot.
TEST(Phrases, TimeIsLinearInTheText) {
  PhraseSet set;
  for (int i = 0; i < 50; ++i)
    ASSERT_TRUE(set.add("user ... user ... user ... user .. nobody|user" + std::to_string(i), {}, 0).ok());
  std::string text;
  while (text.size() < 60000) text += "user ";
  EXPECT_TRUE(find(set, text).empty());
}

}  // namespace
}  // namespace todoku::bounce
