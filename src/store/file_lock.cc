#include "store/file_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <thread>

#include "store/connection.h"

namespace todoku::store {

FileLock::FileLock(const std::filesystem::path& file) : fd_(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
  if (fd_ < 0)
    throw Failure(Failure::Kind::lost, fmt::format("{}: {}", file.string(), std::generic_category().message(errno)));
}

FileLock::~FileLock() { ::close(fd_); }

bool FileLock::try_now() { return ::flock(fd_, LOCK_EX | LOCK_NB) == 0; }

bool FileLock::try_for(std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!try_now()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

void FileLock::release() { ::flock(fd_, LOCK_UN); }

void FileLock::sign(const std::string& line) {
  // Only for people who read the file; a full disk must not stop the work.
  if (::ftruncate(fd_, 0) == 0) {
    [[maybe_unused]] const auto written = ::pwrite(fd_, line.data(), line.size(), 0);
  }
}

std::string FileLock::signature() const {
  std::array<char, 128> text{};
  const auto n = ::pread(fd_, text.data(), text.size(), 0);
  return n > 0 ? std::string(text.data(), static_cast<std::size_t>(n)) : std::string();
}

}  // namespace todoku::store
