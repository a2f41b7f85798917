// Finds all of many fixed phrases in a text in one pass (Aho and Corasick, 1975), whatever their number.
//
// ASCII letters match in either case; any run of blanks, line ends and quoting ("> ") in the text matches one blank of
// a phrase, so a phrase is found over a wrapped line too. Immutable once built; linear in the text.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace todoku::bounce {

class PhraseBook {
 public:
  struct Hit {
    std::uint32_t phrase = 0;  // index in the list given
    std::uint32_t begin = 0;   // bytes of the text
    std::uint32_t end = 0;
  };

  explicit PhraseBook(std::span<const std::string_view> phrases);

  /// All hits in order of their ends, at most `limit`.
  [[nodiscard]] std::vector<Hit> find(std::string_view text, std::size_t limit = 4096) const;

 private:
  struct Node {
    std::uint16_t fail = 0;
    std::uint16_t longer = 0;  // the next node on the way of fails that ends a phrase
    std::int32_t phrase = -1;
  };
  [[nodiscard]] std::uint16_t step(std::uint16_t node, std::uint8_t symbol) const {
    return next_[static_cast<std::size_t>(node) * width_ + symbol];
  }
  std::uint16_t add_child(std::uint16_t node, std::uint8_t symbol);
  void link();

  std::array<std::uint8_t, 256> symbol_{};  // byte → column of next_; 0: in no phrase
  std::size_t width_ = 1;
  std::vector<std::uint16_t> next_;
  std::vector<Node> nodes_;
  std::vector<std::uint16_t> lengths_;  // of each phrase, in symbols
};

}  // namespace todoku::bounce
