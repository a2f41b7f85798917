#include "bounce/phrase_book.h"

#include <algorithm>
#include <cassert>
#include <deque>

#include "base/ascii.h"

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

PhraseBook::PhraseBook(std::span<const std::string_view> phrases) {
  for (const std::string_view phrase : phrases) {
    for (const char c : phrase) {
      std::uint8_t& column = symbol_[static_cast<unsigned char>(base::ascii_lower(c))];
      if (column == 0) column = static_cast<std::uint8_t>(width_++);
    }
  }
  for (int c = 'A'; c <= 'Z'; ++c)
    symbol_[static_cast<std::size_t>(c)] = symbol_[static_cast<std::size_t>(c) - 'A' + 'a'];
  for (const char c : {'\t', '\r', '\n'}) symbol_[static_cast<unsigned char>(c)] = symbol_[' '];
  nodes_.emplace_back();
  next_.resize(width_);
  for (std::size_t i = 0; i < phrases.size(); ++i) {
    std::uint16_t node = 0;
    for (const char c : phrases[i]) node = add_child(node, symbol_[static_cast<unsigned char>(c)]);
    if (nodes_[node].phrase < 0) nodes_[node].phrase = static_cast<std::int32_t>(i);
    lengths_.push_back(static_cast<std::uint16_t>(phrases[i].size()));
  }
  link();
}

std::uint16_t PhraseBook::add_child(std::uint16_t node, std::uint8_t symbol) {
  const std::size_t at = static_cast<std::size_t>(node) * width_ + symbol;
  if (next_[at] != 0) return next_[at];
  assert(nodes_.size() < 65535);
  const auto fresh = static_cast<std::uint16_t>(nodes_.size());
  next_[at] = fresh;
  nodes_.emplace_back();
  next_.resize(next_.size() + width_);
  return fresh;
}

void PhraseBook::link() {
  std::deque<std::uint16_t> queue;
  for (std::size_t symbol = 1; symbol < width_; ++symbol) {
    if (next_[symbol] != 0) queue.push_back(next_[symbol]);
  }
  while (!queue.empty()) {
    const std::uint16_t node = queue.front();
    queue.pop_front();
    const std::uint16_t fail = nodes_[node].fail;
    nodes_[node].longer = nodes_[fail].phrase >= 0 ? fail : nodes_[fail].longer;
    for (std::size_t symbol = 1; symbol < width_; ++symbol) {
      const std::uint16_t inherited = next_[static_cast<std::size_t>(fail) * width_ + symbol];
      std::uint16_t& child = next_[static_cast<std::size_t>(node) * width_ + symbol];
      if (child == 0) {
        child = inherited;
      } else {
        nodes_[child].fail = inherited;
        queue.push_back(child);
      }
    }
  }
}

std::vector<PhraseBook::Hit> PhraseBook::find(std::string_view text, std::size_t limit) const {
  std::vector<Hit> hits;
  std::array<std::uint32_t, kWindow> begins{};
  std::size_t fed = 0;
  std::uint16_t node = 0;
  bool line_start = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t begin = i;
    if (blank(text[i]) || (line_start && text[i] == '>')) {
      i = blanks_end(text, i, line_start);
      node = step(node, symbol_[' ']);
    } else {
      node = step(node, symbol_[static_cast<unsigned char>(text[i])]);
    }
    line_start = false;
    begins[fed++ % kWindow] = static_cast<std::uint32_t>(begin);
    if (node == 0) continue;
    for (std::uint16_t at = nodes_[node].phrase >= 0 ? node : nodes_[node].longer; at != 0; at = nodes_[at].longer) {
      if (hits.size() >= limit) return hits;
      const auto phrase = static_cast<std::uint32_t>(nodes_[at].phrase);
      const std::size_t length = std::min<std::size_t>({lengths_[phrase], kWindow - 1, fed});
      hits.push_back({phrase, begins[(fed - length) % kWindow], static_cast<std::uint32_t>(i + 1)});
    }
  }
  return hits;
}

}  // namespace todoku::bounce
