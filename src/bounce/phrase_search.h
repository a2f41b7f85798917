// The search for all phrases of a rule file at once, over the tables that PhraseSet (rule_phrases.h) makes of them.
//
// All words of all phrases stand in one trie; a text is walked once, and only phrases of which every slot was seen are
// looked at, each in time linear in its slots' finds. So the time does not grow with the number of phrases, and all of
// them take well below a megabyte. Views into memory that the tables' owner keeps; immutable, so thread-safe.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "bounce/flat.h"

namespace todoku::bounce {

/// Where a phrase was found in the plain text.
struct PhraseFind {
  std::uint32_t tag = 0;  // what add() was told
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::uint32_t letters = 0;  // bytes of the words found: how specific the find is
};

struct PhraseTables {
  enum class Link : std::uint32_t { start, text_start, adjacent, near, far };
  struct Step {
    std::uint32_t slot = 0;
    Link link = Link::start;
  };
  struct Phrase {
    FlatRange steps;
    std::uint32_t tag = 0;
    std::uint32_t to_end = 0;  // a truth value
  };
  struct Word {
    std::uint32_t right = 1;  // a truth value: must end at a word's edge
    std::uint32_t next = 0;   // another word of the same letters, index + 1
    FlatRange slots;          // that it is an alternative of
  };
  /// The trie's edges as an open-addressed table of a power of two, half empty: key node << 8 | byte, 0 for none.
  struct Edge {
    std::uint32_t key = 0;
    std::uint32_t node = 0;
    std::uint32_t word = 0;  // that ends there, index + 1
  };
  /// The trie has two roots, for words that must begin at a word's edge and for those that need not, which are few: in
  /// the middle of a word only these are tried.
  enum Root : std::uint32_t { kEdgeRoot = 1, kFreeRoot = 2 };

  std::span<const Edge> edges;
  std::span<const Edge> first;  // from the roots by byte, 256 each
  std::span<const Word> words;
  std::span<const std::uint32_t> word_slots;
  std::span<const Phrase> phrases;
  std::span<const Step> steps;
  std::span<const FlatRange> keyed;  // slot → phrases that are looked at when it is seen
  std::span<const std::uint32_t> keyed_phrases;

  static PhraseTables read(FlatReader& from);
  /// Where the search for an edge begins in a table of 1 << bits of them.
  static std::size_t place(std::uint32_t key, int bits) { return key * 0x9E3779B97F4A7C15u >> (64 - bits); }

  /// The best find (most letters) of each phrase in a plain text, of which at most 64 KiB are searched.
  [[nodiscard]] std::vector<PhraseFind> find(std::string_view plain) const;
  [[nodiscard]] std::size_t bytes() const;

 private:
  struct Hits;
  [[nodiscard]] const Edge* child(std::uint32_t node, unsigned char byte) const;
  void walk(std::string_view plain, Hits& hits) const;
  void take_words(std::uint32_t word, std::string_view plain, FlatRange at, Hits& hits) const;
  void follow(const Phrase& phrase, std::string_view plain, const Hits& hits, std::vector<PhraseFind>& out) const;
};

}  // namespace todoku::bounce
