// Fair turns between the processes that write to one SQLite file.
//
// SQLite's busy handler polls, so a process that writes without pause would starve another's `campaign pause`. Who
// wants SQLite's write lock holds the turn while it waits for it, and gives the turn on once it has the lock: the busy
// writer, back for its next transaction, finds the turn taken and has to wait.
#pragma once
#include <chrono>
#include <filesystem>

#include "store/file_lock.h"

namespace todoku::store::sqlite {

class Turn {
 public:
  /// `file` is made where missing, mode 0600.
  explicit Turn(const std::filesystem::path& file) : lock_(file) {}

  /// Waits at most `limit`: the turn is a courtesy, SQLite's own lock is what protects.
  void take(std::chrono::milliseconds limit) { lock_.try_for(limit); }
  void give() { lock_.release(); }

 private:
  FileLock lock_;
};

}  // namespace todoku::store::sqlite
