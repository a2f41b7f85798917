// Phrases, the language that rules describe a server's words in, and their simultaneous search.
//
//   "user|mailbox|<account> .. unknown|not_found"
//
// A phrase is a row of slots with blanks between; a slot holds alternatives, '|' between. An alternative is one word or
// several ('_' stands for "blank or nothing": not_found finds "not found", "not-found" and "notfound"), compared whole
// words with plain_text() of what the server said; "exist*" finds every word that begins so, "*box" every word that
// ends so. <name> stands for the alternatives of that name in the word list. A slot that ends in '?' may be missing.
// Between slots: nothing (only punctuation or an address lies between), ".." (at most 50 bytes between), "..." (at most
// 400). "^" as the first element: the text begins so; "$" as the last: it ends so.
//
// All words of all phrases stand in one trie; a text is walked once, and only phrases of which every slot was seen are
// looked at, each in time linear in its slots' finds. So the time does not grow with the number of phrases, and all of
// them take well below a megabyte. Immutable once built, so thread-safe.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace todoku::bounce {

/// name → alternatives ("user|account|mail_box"); an alternative may again be a <name> that stands before.
using WordList = std::map<std::string, std::string, std::less<>>;

/// Where a phrase was found in the plain text.
struct PhraseFind {
  std::uint32_t tag = 0;  // what add() was told
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::uint32_t letters = 0;  // bytes of the words found: how specific the find is
};

class PhraseSet {
 public:
  /// Adds one phrase; `tag` is given back with each find. Errors tell what is wrong with the phrase.
  [[nodiscard]] base::Result<void> add(std::string_view phrase, const WordList& words, std::uint32_t tag);

  /// Call once after the last add().
  void build();

  /// The best find (most letters) of each phrase in a plain text of at most 64 KiB.
  [[nodiscard]] std::vector<PhraseFind> find(std::string_view plain) const;

  [[nodiscard]] std::size_t phrases() const { return phrases_.size(); }
  [[nodiscard]] std::size_t bytes() const;  // memory held, about

 private:
  enum class Link : std::uint8_t { start, text_start, adjacent, near, far };
  struct Step {
    std::uint32_t slot = 0;
    Link link = Link::start;
  };
  struct Phrase {
    std::vector<Step> steps;
    std::uint32_t tag = 0;
    bool to_end = false;
  };
  struct Word {
    bool left = true, right = true;    // must begin, end at a word's edge
    std::uint32_t next = 0;            // another word of the same letters, index + 1
    std::vector<std::uint32_t> slots;  // that it is an alternative of
  };
  struct Hits;

  base::Result<std::uint32_t> slot(std::string_view alternatives, const WordList& words);
  base::Result<void> alternatives(std::string_view text, const WordList& words, int depth,
                                  std::vector<std::string>& out);
  void put(std::uint32_t slot, std::string_view alternative);
  void put_word(std::uint32_t slot, std::string_view word, bool left, bool right);
  std::uint32_t make_child(std::uint32_t node, unsigned char byte);
  void grow();
  std::uint32_t child(std::uint32_t node, unsigned char byte) const;
  void walk(std::string_view plain, Hits& hits) const;
  void follow(const Phrase& phrase, std::string_view plain, const Hits& hits, std::vector<PhraseFind>& out) const;

  std::vector<Phrase> phrases_;
  std::unordered_map<std::string, std::uint32_t> slots_;  // by their alternatives as written
  std::vector<std::vector<std::uint32_t>> keyed_;         // slot → phrases that are looked at when it is seen
  std::vector<Word> words_;
  std::vector<std::uint32_t> node_words_;  // the word that ends here, index + 1
  // The trie's edges as an open-addressed table: key node << 8 | byte, 0 for empty (the root is node 1).
  struct Edge {
    std::uint32_t key = 0;
    std::uint32_t node = 0;
  };
  void put_edge(Edge edge);
  std::vector<Edge> edges_;
  int edge_shift_ = 64;
  [[nodiscard]] std::size_t place(std::uint64_t key) const { return key * 0x9E3779B97F4A7C15u >> edge_shift_; }
};

}  // namespace todoku::bounce
