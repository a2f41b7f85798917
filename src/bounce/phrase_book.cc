#include "bounce/phrase_book.h"

#include <algorithm>
#include <array>

namespace todoku::bounce {
namespace {

constexpr bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// The last byte of the blanks, line ends and marks of quoting that begin at `i`.
std::size_t blanks_end(std::string_view text, std::size_t i, bool line_start) {
  line_start = line_start || text[i] == '\n';
  while (i + 1 < text.size() && (blank(text[i + 1]) || (line_start && text[i + 1] == '>'))) {
    ++i;
    line_start = line_start || text[i] == '\n';
  }
  return i;
}

/// How many begins of symbols are remembered; longer phrases are cut at their begin.
constexpr std::size_t kWindow = 128;

}  // namespace

PhraseBook::PhraseBook(std::span<const std::uint64_t> tables) {
  FlatReader from(tables);
  symbols_ = from.take<std::uint8_t>();
  states_ = from.take<State>();
  first_ = from.take<std::uint16_t>();
  steps_ = from.take<Step>();
  lengths_ = from.take<std::uint16_t>();
}

std::vector<PhraseBook::Hit> PhraseBook::find(std::string_view text, std::size_t limit) const {
  std::vector<Hit> hits;
  std::array<std::uint32_t, kWindow> begins{};
  std::size_t fed = 0;
  std::uint16_t state = 0;
  bool line_start = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t begin = i;
    if (blank(text[i]) || (line_start && text[i] == '>')) {
      i = blanks_end(text, i, line_start);
      state = next(state, symbols_[' ']);
    } else {
      state = next(state, symbols_[static_cast<unsigned char>(text[i])]);
    }
    line_start = false;
    begins[fed++ % kWindow] = static_cast<std::uint32_t>(begin);
    if (state == 0) continue;
    for (std::uint16_t at = states_[state].phrase != 0 ? state : states_[state].longer; at != 0;
         at = states_[at].longer) {
      if (hits.size() >= limit) return hits;
      const std::uint32_t phrase = states_[at].phrase - 1u;
      const std::size_t length = std::min<std::size_t>({lengths_[phrase], kWindow - 1, fed});
      hits.push_back({phrase, begins[(fed - length) % kWindow], static_cast<std::uint32_t>(i + 1)});
    }
  }
  return hits;
}

}  // namespace todoku::bounce
