// Room in SQLite's log (the -wal file) ahead of what is written.
//
// A commit that makes the file longer has to put its inode on the disk as well: one more write and wait than where the
// file was long enough. So the log of a busy database grows in steps, filled with zeros, which SQLite's recovery takes
// for the end. The step follows what is in use: a quiet database keeps a small log.
#pragma once
#include <cstdint>

struct sqlite3;

namespace todoku::store::sqlite {

class LogRoom {
 public:
  /// Takes note of how far the log is filled after each commit, and moves it into the database every `checkpoint`
  /// pages, as SQLite's own hook does, whose place it takes. Lives at least as long as the handle.
  void watch(sqlite3* handle, int checkpoint);

  /// With the write lock held, so that nobody else lengthens the file: makes room for the next commits where there is
  /// little. A disk that has none left is no error here: the commit itself will tell.
  void make(sqlite3* handle);

 private:
  static int committed(void* self, sqlite3* handle, const char* schema, int pages);

  int checkpoint_ = 0;
  std::int64_t used_ = 0;  // bytes of the log
  std::int64_t size_ = 0;  // of the file, as last seen
};

}  // namespace todoku::store::sqlite
