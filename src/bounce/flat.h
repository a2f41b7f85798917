// Tables as one piece of memory without pointers: written once, then read where it lies, be it a file that is part of
// the program. So the rules that a build brings along cost nothing to load (compiled_rules.h).
//
// For the machine that wrote them: no byte order, no version. A reader gets the same types in the same order.
#pragma once
#include <cassert>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace todoku::bounce {

/// Items [begin, end) of a list, or bytes of a text.
struct FlatRange {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  [[nodiscard]] std::uint32_t size() const { return end - begin; }
  template <typename T>
  [[nodiscard]] std::span<const T> of(std::span<const T> all) const {
    return all.subspan(begin, size());
  }
  [[nodiscard]] std::string_view of(std::span<const char> all) const { return {all.data() + begin, size()}; }
};

/// Adds items to the list that a range is of.
template <typename T, typename Items>
FlatRange flat_append(std::vector<T>& all, const Items& items) {
  const auto begin = static_cast<std::uint32_t>(all.size());
  all.insert(all.end(), items.begin(), items.end());
  return {begin, static_cast<std::uint32_t>(all.size())};
}

class FlatWriter {
 public:
  /// T has no padding, so that the same input always gives the same bytes.
  template <typename T>
  void put(const std::vector<T>& items) {
    static_assert(std::has_unique_object_representations_v<T>);
    static_assert(alignof(T) <= sizeof(std::uint64_t));
    const std::size_t size = items.size() * sizeof(T);
    const std::size_t at = words_.size() + 1;
    words_.push_back(items.size());
    words_.resize(at + (size + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t));
    if (size > 0) std::memcpy(words_.data() + at, items.data(), size);
  }
  [[nodiscard]] std::vector<std::uint64_t> take() { return std::move(words_); }

 private:
  std::vector<std::uint64_t> words_;
};

class FlatReader {
 public:
  explicit FlatReader(std::span<const std::uint64_t> words) : words_(words) {}

  template <typename T>
  [[nodiscard]] std::span<const T> take() {
    assert(!words_.empty());
    const std::size_t count = words_.front();
    const std::size_t used = 1 + (count * sizeof(T) + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t);
    assert(used <= words_.size());
    const auto* first = reinterpret_cast<const T*>(words_.data() + 1);
    words_ = words_.subspan(used);
    return {first, count};
  }

 private:
  std::span<const std::uint64_t> words_;
};

}  // namespace todoku::bounce
