// One connection to the database, the same for SQLite and PostgreSQL.
//
// SQL is one text for both engines, one statement a call. Parameters are ?1, ?2 … without gaps, all of them used (the
// PostgreSQL driver writes $1). These words are replaced by each driver, see sql_text.h:
//   in_list(?1)    a sub-select with the one column `value` over an Integers parameter: `where id in in_list(?1)`
//   $skip_locked   at the end of a select that claims rows: concurrent claimers pass each other by
//   $key_share     at the end of a select: its rows are not deleted by others before the transaction ends
//   $identity      in migrations: the column type of a self-counting primary key
// Text must be UTF-8 without NUL (PostgreSQL takes no other, so SQLite refuses it too): see utf8.h; the rest is Bytes.
// An integer bound to a text column becomes its digits. Statements are prepared once a connection and text, so
// bind values instead of writing them into the SQL.
//
// A connection belongs to one thread at a time. What fails here is loss of infrastructure or a programmer's mistake, so
// it throws Failure; only constraint conflicts are worth catching, and SQL's ON CONFLICT is better.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "store/value.h"

namespace todoku::store {

enum class Engine : std::uint8_t { sqlite, postgres };

class Failure : public std::runtime_error {
 public:
  enum class Kind : std::uint8_t {
    lost,        // the connection or the file is gone; reopen
    busy,        // lock wait, serialization: run the transaction again
    constraint,  // unique, foreign key, not null
    full,        // disk
    replaced,    // the server holds another database than before: an empty standby, say; nothing of ours is there
    statement,   // everything else: wrong SQL, wrong types
  };
  Failure(Kind kind, const std::string& what) : std::runtime_error(what), kind_(kind) {}
  [[nodiscard]] Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

/// A driver's open result. Column numbers from 0.
class Cursor {
 public:
  virtual ~Cursor() = default;
  virtual bool next() = 0;
  [[nodiscard]] virtual bool is_null(int column) const = 0;
  [[nodiscard]] virtual std::int64_t integer(int column) const = 0;
  [[nodiscard]] virtual double real(int column) const = 0;
  /// Valid until the next call of next(). Null reads as "", 0.
  [[nodiscard]] virtual std::string_view text(int column) const = 0;
  [[nodiscard]] virtual std::string_view bytes(int column) const = 0;
};

/// Forward-only rows of one query. They end when next() returns false or when they are destroyed; the connection's
/// next statement before that throws, on both engines. The query itself has run when query() returns.
///   auto rows = db.query("select id, address from contact where list = ?1", {list});
///   while (rows.next()) use(rows.integer(0), rows.text(1));
class Rows {
 public:
  explicit Rows(std::unique_ptr<Cursor> cursor) : cursor_(std::move(cursor)) {}
  bool next() { return cursor_->next(); }
  [[nodiscard]] bool is_null(int column) const { return cursor_->is_null(column); }
  [[nodiscard]] std::int64_t integer(int column) const { return cursor_->integer(column); }
  [[nodiscard]] double real(int column) const { return cursor_->real(column); }
  [[nodiscard]] std::string_view text(int column) const { return cursor_->text(column); }
  [[nodiscard]] std::string_view bytes(int column) const { return cursor_->bytes(column); }

 private:
  std::unique_ptr<Cursor> cursor_;
};

/// Many rows into one table as fast as the engine can (COPY, or one prepared insert). Inside a transaction only; no
/// other statement on the connection until finish(). Values in the order of the columns given.
class BulkLoad {
 public:
  virtual ~BulkLoad() = default;
  virtual void row(std::span<const Value> values) = 0;
  virtual void finish() = 0;
  void row(std::initializer_list<Value> values) { row(std::span(values.begin(), values.size())); }
};

class Connection {
 public:
  virtual ~Connection() = default;
  [[nodiscard]] virtual Engine engine() const = 0;

  [[nodiscard]] virtual Rows query(std::string_view sql, std::span<const Value> parameters) = 0;
  [[nodiscard]] Rows query(std::string_view sql, std::initializer_list<Value> parameters = {}) {
    return query(sql, std::span(parameters.begin(), parameters.size()));
  }

  /// Runs a statement that returns no rows; how many rows it changed.
  virtual std::int64_t execute(std::string_view sql, std::span<const Value> parameters) = 0;
  std::int64_t execute(std::string_view sql, std::initializer_list<Value> parameters = {}) {
    return execute(sql, std::span(parameters.begin(), parameters.size()));
  }

  /// The same for a statement of which nobody asks what it changed: it may travel with the next one and fail there, at
  /// the latest in the transaction's commit. Saves PostgreSQL a round trip.
  virtual void execute_later(std::string_view sql, std::span<const Value> parameters) { execute(sql, parameters); }
  void execute_later(std::string_view sql, std::initializer_list<Value> parameters = {}) {
    execute_later(sql, std::span(parameters.begin(), parameters.size()));
  }

  /// `columns` as in SQL: "campaign, contact, at".
  [[nodiscard]] virtual std::unique_ptr<BulkLoad> load(std::string_view table, std::string_view columns) = 0;

  /// The first column of the first row; nothing where there is no row or it is null.
  [[nodiscard]] std::optional<std::int64_t> query_integer(std::string_view sql,
                                                          std::initializer_list<Value> parameters = {});
  [[nodiscard]] std::optional<std::string> query_text(std::string_view sql,
                                                      std::initializer_list<Value> parameters = {});

  /// Runs several statements without parameters; what migrations are made of.
  virtual void script(std::string_view sql) = 0;

  /// Whether what fails now may be rolled back alone.
  [[nodiscard]] bool within_savepoint() const { return depth_ > 1; }

  /// False once the connection is lost; then only a new one helps.
  [[nodiscard]] virtual bool usable() const = 0;

 protected:
  friend class Transaction;
  virtual void begin() = 0;
  virtual void commit() = 0;
  virtual void rollback() noexcept = 0;

 private:
  int depth_ = 0;  // of open Transactions
};

/// Rolls back unless committed. Nests as savepoints. On a writer SQLite's write lock is taken at once; on a reader all
/// queries inside see one snapshot.
class Transaction {
 public:
  explicit Transaction(Connection& connection);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();
  void commit();

 private:
  Connection& connection_;
  int depth_;
  bool open_ = true;
};

}  // namespace todoku::store
