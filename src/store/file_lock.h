// An advisory lock on a file (flock), held by one process until released, closed or dead.
#pragma once
#include <chrono>
#include <filesystem>
#include <string>

namespace todoku::store {

class FileLock {
 public:
  /// Makes the file where missing, mode 0600. Throws Failure where it cannot.
  explicit FileLock(const std::filesystem::path& file);
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

  [[nodiscard]] bool try_now();
  /// Tries until it has the lock or the limit is over; whether it has it.
  bool try_for(std::chrono::milliseconds limit);
  void release();

  /// Leaves a line for whoever finds the lock taken ("pid 4711"); reads it.
  void sign(const std::string& line);
  [[nodiscard]] std::string signature() const;

 private:
  int fd_;
};

}  // namespace todoku::store
