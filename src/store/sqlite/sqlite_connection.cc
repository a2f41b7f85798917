#include "store/sqlite/sqlite_connection.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <chrono>

#include "store/sql_text.h"
#include "store/sqlite/binding.h"

namespace todoku::store::sqlite {
namespace {

constexpr std::chrono::milliseconds kBusyTimeout{10'000};
constexpr std::size_t kMaxStatements = 300;  // generated SQL (segments) must not fill the memory

Failure::Kind kind_of(int code) {
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Failure::Kind::busy;
    case SQLITE_CONSTRAINT:
      return Failure::Kind::constraint;
    case SQLITE_FULL:
      return Failure::Kind::full;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_NOMEM:
      return Failure::Kind::lost;
    default:
      return Failure::Kind::statement;
  }
}

constexpr std::string_view kWriterManners =
    "pragma journal_mode=wal; pragma synchronous=full; pragma foreign_keys=on;"
    "pragma cache_size=-8000; pragma journal_size_limit=134217728";
// Of 4 KiB: some 64 MB of log, so that a stream of small commits is not spent in checkpointing.
constexpr int kCheckpointPages = 16'000;
constexpr std::string_view kReaderManners = "pragma query_only=on; pragma foreign_keys=on; pragma cache_size=-2000";

}  // namespace

void CloseHandle::operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
void FinalizeStatement::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

void fail(sqlite3* handle, int code, std::string_view during) {
  throw Failure(kind_of(code), fmt::format("{} (SQLite {}) in: {}", handle ? sqlite3_errmsg(handle) : "no handle",
                                           sqlite3_errstr(code), during.substr(0, 500)));
}

/// Holds the connection's only open statement; resetting it frees SQLite's snapshot, so it does so at the last row.
class SqliteCursor final : public Cursor {
 public:
  SqliteCursor(SqliteConnection& connection, sqlite3_stmt* statement, std::string_view sql)
      : connection_(connection), statement_(statement) {
    connection_.rows_open_ = true;
    code_ = sqlite3_step(statement_);
    check(sql);
  }
  SqliteCursor(const SqliteCursor&) = delete;
  SqliteCursor& operator=(const SqliteCursor&) = delete;
  ~SqliteCursor() override { end(); }

  bool next() override {
    if (!statement_) return false;
    if (!first_) {
      code_ = sqlite3_step(statement_);
      check("next row");
    }
    first_ = false;
    return statement_ != nullptr;
  }
  [[nodiscard]] bool is_null(int column) const override {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
  }
  [[nodiscard]] std::int64_t integer(int column) const override { return sqlite3_column_int64(statement_, column); }
  [[nodiscard]] double real(int column) const override { return sqlite3_column_double(statement_, column); }
  [[nodiscard]] std::string_view text(int column) const override {
    const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return {data ? data : "", static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
  }
  [[nodiscard]] std::string_view bytes(int column) const override {
    const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    return {data ? data : "", static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
  }

 private:
  void end() {
    if (!statement_) return;
    sqlite3_reset(statement_);
    statement_ = nullptr;
    connection_.rows_open_ = false;
  }
  void check(std::string_view during) {
    if (code_ == SQLITE_ROW) return;
    end();
    if (code_ != SQLITE_DONE) fail(connection_.handle_.get(), code_, during);
  }

  SqliteConnection& connection_;
  sqlite3_stmt* statement_;
  int code_ = SQLITE_ROW;
  bool first_ = true;
};

namespace {

class InsertLoad final : public BulkLoad {
 public:
  InsertLoad(SqliteConnection& connection, std::string sql) : connection_(connection), sql_(std::move(sql)) {}
  using BulkLoad::row;
  void row(std::span<const Value> values) override { connection_.execute(sql_, values); }
  void finish() override {}

 private:
  SqliteConnection& connection_;
  std::string sql_;
};

}  // namespace

SqliteConnection::SqliteConnection(const std::filesystem::path& file, Access access)
    : access_(access), turn_(file.parent_path() / "todoku.turn") {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  handle_.reset(handle);
  if (code != SQLITE_OK) fail(handle, code, "open " + file.string());
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, static_cast<int>(kBusyTimeout.count()));
  script(access == Access::write ? kWriterManners : kReaderManners);
  if (access == Access::write) log_.watch(handle, kCheckpointPages);
}

Statement SqliteConnection::prepare(std::string_view sql, std::string_view* tail) const {
  sqlite3_stmt* statement = nullptr;
  const char* rest = nullptr;
  const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, &rest);
  if (code != SQLITE_OK) fail(handle_.get(), code, sql);
  *tail = sql.substr(static_cast<std::size_t>(rest - sql.data()));
  return Statement(statement);
}

sqlite3_stmt* SqliteConnection::prepared(std::string_view sql) {
  if (rows_open_) {
    throw Failure(Failure::Kind::statement, fmt::format("the rows of an earlier query are still open in: {}", sql));
  }
  if (const auto known = statements_.find(sql); known != statements_.end()) return known->second.get();
  std::string_view tail;
  const std::string text = sql_for(Engine::sqlite, sql);
  Statement statement = prepare(text, &tail);
  if (!statement || tail.find_first_not_of(" \t\r\n;") != std::string_view::npos) {
    throw Failure(Failure::Kind::statement, fmt::format("not exactly one statement: {}", sql));
  }
  if (statements_.size() >= kMaxStatements) statements_.clear();
  return statements_.emplace(sql, std::move(statement)).first->second.get();
}

Rows SqliteConnection::query(std::string_view sql, std::span<const Value> parameters) {
  sqlite3_stmt* statement = prepared(sql);
  bind(statement, parameters, Lifetime::copied, sql);
  return Rows(std::make_unique<SqliteCursor>(*this, statement, sql));
}

std::int64_t SqliteConnection::execute(std::string_view sql, std::span<const Value> parameters) {
  sqlite3_stmt* statement = prepared(sql);
  bind(statement, parameters, Lifetime::outlives, sql);
  const std::int64_t before = sqlite3_total_changes64(handle_.get());
  step_all(statement, sql);
  // changes() keeps its old value over a statement that changes no rows, such as DDL.
  return sqlite3_total_changes64(handle_.get()) == before ? 0 : sqlite3_changes64(handle_.get());
}

void SqliteConnection::step_all(sqlite3_stmt* statement, std::string_view sql) {
  int code = SQLITE_ROW;
  while (code == SQLITE_ROW) code = sqlite3_step(statement);
  sqlite3_reset(statement);  // keeps the error's message
  if (code != SQLITE_DONE) fail(handle_.get(), code, sql);
}

std::unique_ptr<BulkLoad> SqliteConnection::load(std::string_view table, std::string_view columns) {
  std::string marks = "?1";
  int n = 1;
  for (const char c : columns) {
    if (c == ',') marks += fmt::format(", ?{}", ++n);
  }
  return std::make_unique<InsertLoad>(*this, fmt::format("insert into {} ({}) values ({})", table, columns, marks));
}

void SqliteConnection::script(std::string_view sql) {
  const std::string text = sql_for(Engine::sqlite, sql);
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view from = rest;
    const Statement statement = prepare(from, &rest);
    if (statement) step_all(statement.get(), from);
  }
}

void SqliteConnection::begin() {
  if (access_ == Access::read) {
    execute("begin");
    return;
  }
  turn_.take(kBusyTimeout);
  try {
    execute("begin immediate");
  } catch (const Failure&) {
    turn_.give();
    throw;
  }
  turn_.give();
  log_.make(handle_.get());
}

void SqliteConnection::commit() { execute("commit"); }

void SqliteConnection::rollback() noexcept {
  // Some errors (disk full, I/O) have rolled back already.
  if (sqlite3_get_autocommit(handle_.get()) == 0) sqlite3_exec(handle_.get(), "rollback", nullptr, nullptr, nullptr);
}

}  // namespace todoku::store::sqlite
