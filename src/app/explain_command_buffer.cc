#include "app/explain_command_buffer.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace todoku::app {

std::ptrdiff_t InputBuffer::append(int descriptor, std::size_t count) {
  char* const to = room(count);
  ssize_t got = 0;
  do {
    got = ::read(descriptor, to, count);
  } while (got < 0 && errno == EINTR);
  if (got > 0) end_ += static_cast<std::size_t>(got);
  return got;
}

void InputBuffer::append(std::string_view bytes) {
  char* const to = room(bytes.size());
  std::memcpy(to, bytes.data(), bytes.size());
  end_ += bytes.size();
}

/// Where `count` more bytes have room. What is held is moved, so ask for as much as is held, or half of it.
char* InputBuffer::room(std::size_t count) {
  if (data_ && capacity_ - end_ >= count) return data_.get() + end_;
  const std::size_t held = size();
  if (held + count <= capacity_) {
    std::memmove(data_.get(), data_.get() + begin_, held);
  } else {
    capacity_ = std::max(held + count, held > 0 ? capacity_ + capacity_ / 2 : 0);
    auto more = std::make_unique_for_overwrite<char[]>(capacity_);
    if (held > 0) std::memcpy(more.get(), data_.get() + begin_, held);
    data_ = std::move(more);
  }
  begin_ = 0;
  end_ = held;
  return data_.get() + end_;
}

}  // namespace todoku::app
