// How the tables of a PhraseBook are made: the trie, its fails, the whole matrix, and the rows laid into one array.
#include <algorithm>
#include <array>
#include <cassert>
#include <deque>

#include "base/ascii.h"
#include "bounce/phrase_book.h"

namespace todoku::bounce {
namespace {

constexpr std::uint16_t kNobody = PhraseBook::Step::kNobody;

class Maker {
 public:
  explicit Maker(std::span<const std::string_view> phrases) {
    name_symbols(phrases);
    nodes_.emplace_back();
    matrix_.resize(width_);
    for (std::size_t i = 0; i < phrases.size(); ++i) {
      std::uint16_t node = 0;
      for (const char c : phrases[i]) node = child(node, symbols_[static_cast<unsigned char>(c)]);
      if (nodes_[node].phrase == 0) nodes_[node].phrase = static_cast<std::uint16_t>(i + 1);
      lengths_.push_back(static_cast<std::uint16_t>(phrases[i].size()));
    }
    link();
  }

  std::vector<std::uint64_t> tables() const {
    std::vector<PhraseBook::State> states;
    std::vector<PhraseBook::Step> steps;
    std::size_t free = 0;  // no step before is
    for (std::size_t node = 0; node < nodes_.size(); ++node) {
      const auto row = lay(static_cast<std::uint16_t>(node), steps, free);
      states.push_back({static_cast<std::uint32_t>(row), nodes_[node].phrase, nodes_[node].longer});
      while (free < steps.size() && steps[free].from != kNobody) ++free;
    }
    FlatWriter out;
    out.put(std::vector<std::uint8_t>(symbols_.begin(), symbols_.end()));
    out.put(states);
    out.put(std::vector<std::uint16_t>(matrix_.begin(), matrix_.begin() + static_cast<std::ptrdiff_t>(width_)));
    out.put(steps);
    out.put(lengths_);
    return out.take();
  }

 private:
  struct Node {
    std::uint16_t fail = 0;
    std::uint16_t longer = 0;
    std::uint16_t phrase = 0;
  };

  void name_symbols(std::span<const std::string_view> phrases) {
    for (const std::string_view phrase : phrases) {
      for (const char c : phrase) {
        std::uint8_t& symbol = symbols_[static_cast<unsigned char>(base::ascii_lower(c))];
        if (symbol == 0) symbol = static_cast<std::uint8_t>(width_++);
      }
    }
    for (int c = 'A'; c <= 'Z'; ++c)
      symbols_[static_cast<std::size_t>(c)] = symbols_[static_cast<std::size_t>(c) - 'A' + 'a'];
    for (const char c : {'\t', '\r', '\n'}) symbols_[static_cast<unsigned char>(c)] = symbols_[' '];
  }

  std::uint16_t& at(std::size_t node, std::size_t symbol) { return matrix_[node * width_ + symbol]; }

  std::uint16_t child(std::uint16_t node, std::uint8_t symbol) {
    if (const std::uint16_t known = at(node, symbol); known != 0) return known;
    assert(nodes_.size() < kNobody);
    const auto fresh = static_cast<std::uint16_t>(nodes_.size());
    at(node, symbol) = fresh;
    nodes_.emplace_back();
    matrix_.resize(matrix_.size() + width_);
    return fresh;
  }

  void link() {
    std::deque<std::uint16_t> queue;
    for (std::size_t symbol = 1; symbol < width_; ++symbol)
      if (at(0, symbol) != 0) queue.push_back(at(0, symbol));
    while (!queue.empty()) {
      const std::uint16_t node = queue.front();
      queue.pop_front();
      const std::uint16_t fail = nodes_[node].fail;
      nodes_[node].longer = nodes_[fail].phrase != 0 ? fail : nodes_[fail].longer;
      for (std::size_t symbol = 1; symbol < width_; ++symbol) {
        const std::uint16_t inherited = at(fail, symbol);
        std::uint16_t& next = at(node, symbol);
        if (next == 0) {
          next = inherited;
        } else {
          nodes_[next].fail = inherited;
          queue.push_back(next);
        }
      }
    }
  }

  /// Lays what differs in the node's row from the first row into the first place where all of it is free.
  std::size_t lay(std::uint16_t node, std::vector<PhraseBook::Step>& steps, std::size_t free) const {
    std::vector<std::size_t> differing;
    const std::uint16_t* const row = &matrix_[node * width_];
    for (std::size_t symbol = 1; symbol < width_; ++symbol)
      if (row[symbol] != matrix_[symbol]) differing.push_back(symbol);
    if (steps.size() < width_) steps.resize(width_);
    if (differing.empty()) return 0;
    std::size_t begin = free > differing.front() ? free - differing.front() : 0;
    while (std::ranges::any_of(differing, [&](std::size_t symbol) {
      return begin + symbol < steps.size() && steps[begin + symbol].from != kNobody;
    }))
      ++begin;
    steps.resize(std::max(steps.size(), begin + width_));
    for (const std::size_t symbol : differing) steps[begin + symbol] = {node, row[symbol]};
    return begin;
  }

  std::array<std::uint8_t, 256> symbols_{};
  std::size_t width_ = 1;
  std::vector<std::uint16_t> matrix_;
  std::vector<Node> nodes_;
  std::vector<std::uint16_t> lengths_;
};

}  // namespace

std::vector<std::uint64_t> make_phrase_book(std::span<const std::string_view> phrases) {
  return Maker(phrases).tables();
}

}  // namespace todoku::bounce
