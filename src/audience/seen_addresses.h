// Which addresses a file had already, for counting its duplicates; by hash, and bounded: past four million addresses
// new ones are no longer remembered, and later repetitions of those are counted as known contacts instead.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace todoku::audience {

class SeenAddresses {
 public:
  /// True the first time.
  bool add(std::string_view address_key) {
    auto hash = static_cast<std::uint64_t>(std::hash<std::string_view>{}(address_key));
    if (hash == 0) hash = 1;  // 0 marks a free slot
    if (2 * size_ >= slots_.size() && slots_.size() < kMaxSlots) grow();
    auto& slot = slots_[find(hash)];
    if (slot == hash) return false;
    if (2 * size_ < slots_.size()) {
      slot = hash;
      ++size_;
    }
    return true;
  }

 private:
  static constexpr std::size_t kMaxSlots = std::size_t{1} << 23;

  [[nodiscard]] std::size_t find(std::uint64_t hash) const {
    std::size_t at = hash & (slots_.size() - 1);
    while (slots_[at] != 0 && slots_[at] != hash) at = (at + 1) & (slots_.size() - 1);
    return at;
  }
  void grow() {
    std::vector<std::uint64_t> before(slots_.size() * 2);
    before.swap(slots_);
    for (const auto hash : before) {
      if (hash != 0) slots_[find(hash)] = hash;
    }
  }

  std::vector<std::uint64_t> slots_ = std::vector<std::uint64_t>(1 << 12);
  std::size_t size_ = 0;
};

}  // namespace todoku::audience
