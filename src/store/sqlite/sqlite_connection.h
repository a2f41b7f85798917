// The SQLite driver: one sqlite3 handle, its prepared statements and its manners (WAL, synchronous=FULL).
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "store/connection.h"
#include "store/sqlite/log_room.h"
#include "store/sqlite/turn.h"

struct sqlite3;
struct sqlite3_stmt;

namespace todoku::store::sqlite {

enum class Access : std::uint8_t { read, write };

struct CloseHandle {
  void operator()(sqlite3* handle) const;
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const;
};
using Handle = std::unique_ptr<sqlite3, CloseHandle>;
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

/// Throws the Failure of a result code, with the handle's message and the statement.
[[noreturn]] void fail(sqlite3* handle, int code, std::string_view during);

class SqliteConnection final : public Connection {
 public:
  /// The file must exist (made with the right mode by whoever owns the folder). Throws Failure.
  SqliteConnection(const std::filesystem::path& file, Access access);

  using Connection::execute;
  using Connection::query;
  [[nodiscard]] Engine engine() const override { return Engine::sqlite; }
  [[nodiscard]] Rows query(std::string_view sql, std::span<const Value> parameters) override;
  std::int64_t execute(std::string_view sql, std::span<const Value> parameters) override;
  [[nodiscard]] std::unique_ptr<BulkLoad> load(std::string_view table, std::string_view columns) override;
  void script(std::string_view sql) override;
  [[nodiscard]] bool usable() const override { return true; }

 protected:
  void begin() override;
  void commit() override;
  void rollback() noexcept override;

 private:
  friend class SqliteCursor;
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };

  sqlite3_stmt* prepared(std::string_view sql);
  Statement prepare(std::string_view sql, std::string_view* tail) const;
  void step_all(sqlite3_stmt* statement, std::string_view sql);

  Access access_;
  Turn turn_;
  LogRoom log_;  // its hook hangs on the handle
  Handle handle_;
  std::unordered_map<std::string, Statement, TextHash, std::equal_to<>> statements_;
  bool rows_open_ = false;
};

}  // namespace todoku::store::sqlite
