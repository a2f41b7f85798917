// Finds all of many fixed phrases in a text in one pass (Aho and Corasick, 1975), whatever their number.
//
// ASCII letters match in either case; any run of blanks, line ends and quoting ("> ") in the text matches one blank of
// a phrase, so a phrase is found over a wrapped line too. A view into tables that make_phrase_book() wrote; linear in
// the text.
//
// The automaton's rows lie in one array, displaced so that they do not meet (Tarjan and Yao, 1979): of each row only
// what differs from the first state's. That is a twentieth of the whole matrix, and stays in the processor's cache.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "bounce/flat.h"

namespace todoku::bounce {

/// The tables for these phrases, for PhraseBook. At most 65,534 bytes of phrases with different beginnings.
[[nodiscard]] std::vector<std::uint64_t> make_phrase_book(std::span<const std::string_view> phrases);

class PhraseBook {
 public:
  struct Hit {
    std::uint32_t phrase = 0;  // index in the list given
    std::uint32_t begin = 0;   // bytes of the text
    std::uint32_t end = 0;
  };

  /// `tables` outlive it.
  explicit PhraseBook(std::span<const std::uint64_t> tables);

  /// All hits in order of their ends, at most `limit`.
  [[nodiscard]] std::vector<Hit> find(std::string_view text, std::size_t limit = 4096) const;

  struct State {
    std::uint32_t row = 0;     // where in steps_ its row begins
    std::uint16_t phrase = 0;  // that ends here, index + 1
    std::uint16_t longer = 0;  // the next state on the way of fails that ends a phrase
  };
  struct Step {
    static constexpr std::uint16_t kNobody = 0xffff;
    std::uint16_t from = kNobody;  // whose step it is
    std::uint16_t to = 0;
  };

 private:
  [[nodiscard]] std::uint16_t next(std::uint16_t state, std::uint8_t symbol) const {
    const Step step = steps_[states_[state].row + symbol];
    return step.from == state ? step.to : first_[symbol];
  }

  std::span<const std::uint8_t> symbols_;  // of each byte; 0: in no phrase
  std::span<const State> states_;
  std::span<const std::uint16_t> first_;  // the first state's row
  std::span<const Step> steps_;
  std::span<const std::uint16_t> lengths_;  // of each phrase, in symbols
};

}  // namespace todoku::bounce
