// Counts the coroutines under way, whichever way they end: whoever owns what they use waits for zero.
#pragma once
#include <atomic>
#include <utility>

namespace todoku::delivery {

/// Give one by value to a coroutine: its end, or its being dropped unstarted, counts down as the last thing it does.
class Running {
 public:
  explicit Running(std::atomic<int>& count) : count_(&count) { ++count; }
  Running(Running&& other) noexcept : count_(std::exchange(other.count_, nullptr)) {}
  Running& operator=(Running&&) = delete;
  ~Running() {
    if (count_ != nullptr) --*count_;
  }

 private:
  std::atomic<int>* count_;
};

}  // namespace todoku::delivery
