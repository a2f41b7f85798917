// Phrases, the language that rules describe a server's words in, and their simultaneous search.
//
//   "user|mailbox|<account> .. unknown|not_found"
//
// A phrase is a row of slots with blanks between; a slot holds alternatives, '|' between. An alternative is one word or
// several ('_' stands for "blank or nothing": not_found finds "not found", "not-found" and "notfound"), compared whole
// words with plain_text() of what the server said; "exist*" finds every word that begins so, "*box" every word that
// ends so. <name> stands for the alternatives of that name in the word list. A slot that ends in '?' may be missing.
// Between slots: nothing (only punctuation or an address lies between), ".." (at most 50 letters between), "..." (at
// most 400). "^" as the first element: the text begins so; "$" as the last, or as its last alternative ("here|$"): it
// ends so. Where the word list has "misspelt_user", its alternatives stand for the word "user" of an alternative, too.
//
// PhraseSet takes the phrases and makes the tables that phrase_search.h searches with.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "bounce/phrase_search.h"

namespace todoku::bounce {

/// name → alternatives ("user|account|mail_box"); an alternative may again be a <name> that stands before.
using WordList = std::map<std::string, std::string, std::less<>>;

class PhraseSet {
 public:
  /// Adds one phrase; `tag` is given back with each find. Errors tell what is wrong with the phrase.
  [[nodiscard]] base::Result<void> add(std::string_view phrase, const WordList& words, std::uint32_t tag);

  /// The tables, for PhraseTables::read().
  void write(FlatWriter& to) const;

 private:
  using Edge = PhraseTables::Edge;
  using Step = PhraseTables::Step;
  struct Word {
    bool right = true;
    std::uint32_t next = 0;
    std::vector<std::uint32_t> slots;
  };

  base::Result<std::uint32_t> slot(std::string_view alternatives, const WordList& words);
  base::Result<void> alternatives(std::string_view text, const WordList& words, int depth,
                                  std::vector<std::string>& out);
  void put(std::uint32_t slot, std::string_view alternative);
  void put_misspelt(std::uint32_t slot, std::string_view alternative, const WordList& words);
  void put_word(std::uint32_t slot, std::string_view word, bool left, bool right);
  std::uint32_t edge(std::uint32_t node, unsigned char byte);
  void write_keys(FlatWriter& to) const;

  std::vector<Step> steps_;
  std::vector<PhraseTables::Phrase> phrases_;
  std::unordered_map<std::string, std::uint32_t> slots_;  // by their alternatives as written
  std::vector<Word> words_;
  std::vector<Edge> edges_;                                  // in the order made; edge n leads to node n + 3
  std::unordered_map<std::uint32_t, std::uint32_t> places_;  // key → index in edges_
};

}  // namespace todoku::bounce
