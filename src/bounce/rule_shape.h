// The shape of a text that no rule knows: the text with what differs from mail to mail masked, so that a thousand
// refusals of one kind are one line of work. Pure.
#pragma once
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace todoku::bounce {

/// Addresses as <address>, hosts and IP addresses as <host>, URLs as <url>, numbers as <n>, ids (letters and digits
/// mixed) as <id>; blanks collapsed; at most 300 bytes. Reply codes and enhanced statuses stay.
[[nodiscard]] std::string shape_of(std::string_view text);

struct ShapeCount {
  std::string shape;
  std::string example;  // the first text of this shape, as it was
  std::size_t count = 0;
};

/// Groups texts by shape; most frequent first, between equals in order of the shape.
class ShapeCounter {
 public:
  void add(std::string_view text);
  [[nodiscard]] std::vector<ShapeCount> sorted() const;

 private:
  std::vector<ShapeCount> all_;
  std::unordered_map<std::string, std::size_t> index_;
};

/// A rule for data/rules or an operator's own file, to be filled in: reason to choose, the shape's plain words as a
/// phrase. Empty where the shape has no words that a phrase could be made of.
[[nodiscard]] std::string rule_stub(const ShapeCount& shape, std::size_t number);

}  // namespace todoku::bounce
