// What was read of a file and not yet explained.
#pragma once
#include <cstddef>
#include <memory>
#include <string_view>

namespace todoku::app {

/// Grows as a string does, but is not filled with zeros first, and gives up its front in no time: an mbox is gone
/// through mail by mail.
class InputBuffer {
 public:
  [[nodiscard]] std::string_view bytes() const { return {data_.get() + begin_, end_ - begin_}; }
  [[nodiscard]] std::size_t size() const { return end_ - begin_; }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }

  /// Reads up to `count` bytes behind what is there; 0 at the end, -1 on failure (errno). What is there may be moved:
  /// ask for half as much again at least.
  std::ptrdiff_t append(int descriptor, std::size_t count);
  void append(std::string_view bytes);
  void drop_front(std::size_t count) { begin_ += count; }
  void clear() { begin_ = end_ = 0; }
  /// Gives the memory back, too.
  void release() { *this = InputBuffer(); }

 private:
  char* room(std::size_t count);

  std::unique_ptr<char[]> data_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace todoku::app
