#include "store/sqlite/sqlite_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "store/sqlite/sqlite_connection.h"

namespace todoku::store::sqlite {
namespace {

constexpr std::chrono::milliseconds kMigrationWait{60'000};

[[noreturn]] void refuse(const std::filesystem::path& path, int error) {
  throw Failure(Failure::Kind::lost, fmt::format("{}: {}", path.string(), std::generic_category().message(error)));
}

/// Made here and not by SQLite, so that nobody else can read it whatever the umask; -wal and -shm follow its mode.
std::filesystem::path made_private(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) refuse(file, errno);
  ::close(fd);
  return file;
}

std::filesystem::path made_folder(const std::filesystem::path& folder) {
  std::error_code error;
  if (folder.has_parent_path()) std::filesystem::create_directories(folder.parent_path(), error);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) refuse(folder, errno);
  if (!std::filesystem::is_directory(folder, error)) refuse(folder, ENOTDIR);
  return folder;
}

void sync_file(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) refuse(file, errno);
  const int result = ::fsync(fd);
  ::close(fd);
  if (result != 0) refuse(file, EIO);
}

}  // namespace

SqliteFolder::SqliteFolder(const std::filesystem::path& folder)
    : folder_(made_folder(folder)), file_(made_private(folder_ / "todoku.db")), lock_(folder_ / "todoku.lock") {}

base::Result<void> SqliteFolder::lock_exclusively() {
  if (!lock_.try_now()) {
    return base::Error{
        base::ErrorCode::refused, fmt::format("another Todoku process works on this folder ({})", lock_.signature()),
        "wait until it ends, or end it; `campaign status`, `pause` and `cancel` work beside it", folder_.string()};
  }
  lock_.sign(fmt::format("pid {}", ::getpid()));
  exclusive_ = true;
  return base::done;
}

base::Result<void> SqliteFolder::migrate(std::span<const Migration> migrations) {
  FileLock one_at_a_time(folder_ / "todoku.migrate");
  if (!one_at_a_time.try_for(kMigrationWait)) {
    return base::Error{base::ErrorCode::unavailable, "another process is migrating this folder", "try again later",
                       folder_.string()};
  }
  SqliteConnection db(file_, Access::write);
  const std::int64_t version = schema_version(db);
  if (auto newer = check_not_newer(version, migrations); !newer) return newer;
  const bool pending = !migrations.empty() && migrations.back().number > version;
  if (version == 0 || !pending) return store::migrate(db, migrations);
  // A process of the old version that is at work must not have its tables changed under it.
  if (!exclusive_ && !lock_.try_now()) {
    return base::Error{
        base::ErrorCode::refused,
        fmt::format("the database must be migrated, but another process works on it ({})", lock_.signature()),
        "end that process and try again", folder_.string()};
  }
  back_up(db, version + 1);
  auto migrated = store::migrate(db, migrations);
  if (!exclusive_) lock_.release();
  return migrated;
}

void SqliteFolder::back_up(Connection& db, std::int64_t before) const {
  const std::filesystem::path backup = fmt::format("{}.before-{:04}", file_.string(), before);
  const std::filesystem::path partial = backup.string() + ".partial";
  std::filesystem::remove(partial);
  made_private(partial);  // an empty file is as good as none to VACUUM INTO, and private from the start
  db.execute("vacuum into ?1", {partial.string()});
  sync_file(partial);
  std::filesystem::rename(partial, backup);
  sync_file(folder_);
}

}  // namespace todoku::store::sqlite
