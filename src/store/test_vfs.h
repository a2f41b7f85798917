// A disk for tests that loses its power or its room: a SQLite VFS over the usual one, for every store opened while it
// stands.
//
// What was written since a file's last sync is kept beside what stood there before. cut_power() makes every later write
// fail, as a dead process writes no more; restore_power(), when nobody has the files open any more, leaves of the
// unsynced writes a random part, pages of them torn, as a disk does that writes in its own order.
#pragma once
#include <sqlite3.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace todoku::store {

class TestVfs {
 public:
  explicit TestVfs(unsigned seed) : below_(sqlite3_vfs_find(nullptr)), chance_(seed) {
    vfs_ = *below_;
    vfs_.zName = "todoku-test";
    vfs_.pAppData = this;
    vfs_.pNext = nullptr;
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + below_->szOsFile;
    vfs_.xOpen = open;
    vfs_.xDelete = remove;
    sqlite3_vfs_register(&vfs_, 1);
  }
  TestVfs(const TestVfs&) = delete;
  TestVfs& operator=(const TestVfs&) = delete;
  ~TestVfs() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(below_, 1);
  }

  void cut_power() { dead_ = true; }
  void restore_power() {
    const std::scoped_lock lock(mutex_);
    for (auto& [path, writes] : unsynced_) restore(path, writes);
    unsynced_.clear();
    dead_ = false;
  }
  /// No file grows any more, until there is room again.
  void fill(bool full) { full_ = full; }
  /// Writes that failed for want of room.
  [[nodiscard]] int refused() const { return refused_; }
  /// Sectors of unsynced writes that restore_power() has undone so far.
  [[nodiscard]] int undone() const { return undone_; }

 private:
  static constexpr std::size_t kSector = 512;

  struct Write {
    sqlite3_int64 at = 0;
    std::string before;  // what stood there; shorter at the file's end
    std::string after;   // empty: the file was cut here
    sqlite3_int64 size_before = 0;
  };
  struct File {
    sqlite3_file base;
    TestVfs* disk;
    const char* path;  // of SQLite, which keeps it as long as the file is open; null: a temporary one
    [[nodiscard]] sqlite3_file* below() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };

  static File* of(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
  static sqlite3_file* below(sqlite3_file* file) { return of(file)->below(); }

  static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out) {
    auto* disk = static_cast<TestVfs*>(vfs->pAppData);
    of(file)->base.pMethods = nullptr;
    of(file)->disk = disk;
    of(file)->path = path;
    const int result = disk->below_->xOpen(disk->below_, path, of(file)->below(), flags, out);
    if (result == SQLITE_OK) of(file)->base.pMethods = methods();
    return result;
  }
  static int remove(sqlite3_vfs* vfs, const char* path, int sync) {
    auto* disk = static_cast<TestVfs*>(vfs->pAppData);
    if (disk->dead_) return SQLITE_IOERR_DELETE;
    {
      const std::scoped_lock lock(disk->mutex_);
      disk->unsynced_.erase(path);
    }
    return disk->below_->xDelete(disk->below_, path, sync);
  }

  static sqlite3_int64 size_of(sqlite3_file* file) {
    sqlite3_int64 size = 0;
    below(file)->pMethods->xFileSize(below(file), &size);
    return size;
  }

  /// Before the file is changed from `at` on, `count` bytes of it or all.
  static void note(sqlite3_file* file, sqlite3_int64 at, std::size_t count, std::string after) {
    if (of(file)->path == nullptr) return;
    Write write{.at = at, .before = {}, .after = std::move(after), .size_before = size_of(file)};
    const auto there = static_cast<std::size_t>(std::max<sqlite3_int64>(0, write.size_before - at));
    write.before.resize(std::min(count, there));
    if (!write.before.empty()) {
      below(file)->pMethods->xRead(below(file), write.before.data(), static_cast<int>(write.before.size()), at);
    }
    const std::scoped_lock lock(of(file)->disk->mutex_);
    of(file)->disk->unsynced_[of(file)->path].push_back(std::move(write));
  }

  static int write(sqlite3_file* file, const void* from, int count, sqlite3_int64 at) {
    TestVfs& disk = *of(file)->disk;
    if (disk.dead_) return SQLITE_IOERR_WRITE;
    const auto size = static_cast<std::size_t>(count);
    if (disk.full_ && at + count > size_of(file)) {
      ++disk.refused_;
      return SQLITE_FULL;
    }
    note(file, at, size, std::string(static_cast<const char*>(from), size));
    return below(file)->pMethods->xWrite(below(file), from, count, at);
  }
  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    if (of(file)->disk->dead_) return SQLITE_IOERR_TRUNCATE;
    note(file, size, static_cast<std::size_t>(-1), {});
    return below(file)->pMethods->xTruncate(below(file), size);
  }
  static int sync(sqlite3_file* file, int flags) {
    TestVfs& disk = *of(file)->disk;
    if (disk.dead_) return SQLITE_IOERR_FSYNC;
    const int result = below(file)->pMethods->xSync(below(file), flags);
    if (result != SQLITE_OK || of(file)->path == nullptr) return result;
    const std::scoped_lock lock(disk.mutex_);
    disk.unsynced_.erase(of(file)->path);
    return result;
  }
  /// Without mapped pages, which would go past write().
  static int control(sqlite3_file* file, int operation, void* argument) {
    if (operation == SQLITE_FCNTL_MMAP_SIZE) return SQLITE_NOTFOUND;
    return below(file)->pMethods->xFileControl(below(file), operation, argument);
  }

  static const sqlite3_io_methods* methods() {
    static const sqlite3_io_methods made = [] {
      sqlite3_io_methods m{};
      m.iVersion = 2;
      m.xClose = [](sqlite3_file* f) { return below(f)->pMethods ? below(f)->pMethods->xClose(below(f)) : SQLITE_OK; };
      m.xRead = [](sqlite3_file* f, void* to, int n, sqlite3_int64 at) {
        return below(f)->pMethods->xRead(below(f), to, n, at);
      };
      m.xWrite = write;
      m.xTruncate = truncate;
      m.xSync = sync;
      m.xFileSize = [](sqlite3_file* f, sqlite3_int64* size) { return below(f)->pMethods->xFileSize(below(f), size); };
      m.xLock = [](sqlite3_file* f, int level) { return below(f)->pMethods->xLock(below(f), level); };
      m.xUnlock = [](sqlite3_file* f, int level) { return below(f)->pMethods->xUnlock(below(f), level); };
      m.xCheckReservedLock = [](sqlite3_file* f, int* out) {
        return below(f)->pMethods->xCheckReservedLock(below(f), out);
      };
      m.xFileControl = control;
      m.xSectorSize = [](sqlite3_file*) { return static_cast<int>(kSector); };
      m.xDeviceCharacteristics = [](sqlite3_file*) { return 0; };
      m.xShmMap = [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
        return below(f)->pMethods->xShmMap(below(f), page, size, extend, out);
      };
      m.xShmLock = [](sqlite3_file* f, int offset, int n, int flags) {
        return below(f)->pMethods->xShmLock(below(f), offset, n, flags);
      };
      m.xShmBarrier = [](sqlite3_file* f) { below(f)->pMethods->xShmBarrier(below(f)); };
      m.xShmUnmap = [](sqlite3_file* f, int gone) { return below(f)->pMethods->xShmUnmap(below(f), gone); };
      return m;
    }();
    return &made;
  }

  /// Back to the last sync, and then on with some of what followed.
  void restore(const std::string& path, const std::vector<Write>& writes) {
    if (!std::filesystem::exists(path)) return;
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    for (auto each = writes.rbegin(); each != writes.rend(); ++each) {
      put(file, each->at, each->before);
      file.flush();
      std::filesystem::resize_file(path, static_cast<std::uintmax_t>(each->size_before));
    }
    for (const Write& each : writes) {
      if (each.after.empty()) continue;  // a file that was cut short grows back
      for (std::size_t from = 0; from < each.after.size(); from += kSector) {
        if (chance_() % 2 == 0) {
          ++undone_;
          continue;
        }
        put(file, each.at + static_cast<sqlite3_int64>(from), each.after.substr(from, kSector));
      }
    }
  }
  static void put(std::fstream& file, sqlite3_int64 at, const std::string& bytes) {
    file.seekp(at);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }

  sqlite3_vfs* below_;
  sqlite3_vfs vfs_{};
  std::mutex mutex_;
  std::mt19937 chance_;                                 // guarded by mutex_
  std::map<std::string, std::vector<Write>> unsynced_;  // by path; guarded by mutex_
  std::atomic<bool> dead_ = false;
  std::atomic<bool> full_ = false;
  std::atomic<int> refused_ = 0;
  int undone_ = 0;
};

}  // namespace todoku::store
