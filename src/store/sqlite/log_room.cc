#include "store/sqlite/log_room.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>

namespace todoku::store::sqlite {
namespace {

constexpr std::int64_t kHeader = 32, kFrame = 24 + 4096;
constexpr std::int64_t kFewest = 64 * kFrame;  // in use, before room is made
constexpr std::int64_t kLargestStep = 256 * kFrame;

/// False: it could not be; the file is as long as before.
bool lengthen(sqlite3_file& log, std::int64_t from, std::int64_t to) {
  static constexpr std::array<char, 65'536> kZeros{};
  for (std::int64_t at = from; at < to;) {
    const std::int64_t size = std::min(to - at, static_cast<std::int64_t>(kZeros.size()));
    if (log.pMethods->xWrite(&log, kZeros.data(), static_cast<int>(size), at) != SQLITE_OK) {
      log.pMethods->xTruncate(&log, from);
      return false;
    }
    at += size;
  }
  return true;
}

}  // namespace

void LogRoom::watch(sqlite3* handle, int checkpoint) {
  checkpoint_ = checkpoint;
  sqlite3_wal_hook(handle, &LogRoom::committed, this);
}

int LogRoom::committed(void* self, sqlite3* handle, const char* schema, int pages) {
  auto& room = *static_cast<LogRoom*>(self);
  room.used_ = kHeader + pages * kFrame;
  // Others may be reading: what cannot be moved now is moved next time, so its result is of no concern, as in SQLite.
  if (pages >= room.checkpoint_) sqlite3_wal_checkpoint_v2(handle, schema, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  return SQLITE_OK;
}

void LogRoom::make(sqlite3* handle) {
  if (used_ < kFewest) return;
  const std::int64_t step = std::min(used_ / 2, kLargestStep);
  if (used_ + step <= size_) return;
  sqlite3_file* log = nullptr;
  if (sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&log)) != SQLITE_OK) return;
  sqlite3_int64 size = 0;
  if (log == nullptr || log->pMethods == nullptr || log->pMethods->xFileSize(log, &size) != SQLITE_OK) return;
  const std::int64_t to = used_ + 2 * step;
  size_ = size >= used_ + step || !lengthen(*log, size, to) ? std::max<std::int64_t>(size, used_ + step) : to;
}

}  // namespace todoku::store::sqlite
