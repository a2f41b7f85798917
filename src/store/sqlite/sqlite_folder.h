// The data folder of a SQLite store: its rights, its locks, its backups.
//
//   todoku.db (-wal, -shm)      the database, 0600 in a folder 0700
//   todoku.db.before-NNNN       as it was before migration NNNN, NNNN+1 … were taken
//   todoku.turn, todoku.lock, todoku.migrate    empty files to lock
#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <span>

#include "base/result.h"
#include "store/file_lock.h"
#include "store/migration.h"

namespace todoku::store::sqlite {

class SqliteFolder {
 public:
  /// Makes folder and file where missing. Throws Failure where that is impossible.
  explicit SqliteFolder(const std::filesystem::path& folder);

  [[nodiscard]] const std::filesystem::path& file() const { return file_; }

  /// Held as long as this object lives. Error: refused, another process holds it.
  [[nodiscard]] base::Result<void> lock_exclusively();

  /// Takes what is missing, after a backup if there is something to lose.
  [[nodiscard]] base::Result<void> migrate(std::span<const Migration> migrations);

 private:
  void back_up(Connection& db, std::int64_t before) const;

  std::filesystem::path folder_, file_;
  FileLock lock_;
  bool exclusive_ = false;
};

}  // namespace todoku::store::sqlite
