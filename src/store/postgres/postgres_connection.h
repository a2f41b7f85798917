// The PostgreSQL driver: one libpq connection and its prepared statements.
//
// What need not be answered at once (begin, execute_later()) is sent with the next statement, in libpq's pipeline mode,
// which is left again before anybody else sees the connection.
//
// Integers travel as int8, doubles as float8, Bytes as bytea, Integers as int8[], all binary; text and null without a
// type, so that the server takes it for what stands there (text, jsonb). Results come as text, row by row, so a query
// of a million rows holds one at a time.
#pragma once
#include <libpq-fe.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/owned.h"
#include "store/connection.h"

namespace todoku::store::postgres {

enum class Access : std::uint8_t { read, write };

struct Target {
  std::string url;
  std::string schema;  // empty: as the server sets the search path
};

using Handle = base::Owned<PGconn, PQfinish>;
using Answer = base::Owned<PGresult, PQclear>;

class Parameters;

class PostgresConnection final : public Connection {
 public:
  /// Throws Failure.
  PostgresConnection(const Target& target, Access access);

  /// Creates the target's schema where it is missing.
  void make_schema();

  using Connection::execute;
  using Connection::query;
  [[nodiscard]] Engine engine() const override { return Engine::postgres; }
  [[nodiscard]] Rows query(std::string_view sql, std::span<const Value> parameters) override;
  std::int64_t execute(std::string_view sql, std::span<const Value> parameters) override;
  using Connection::execute_later;
  void execute_later(std::string_view sql, std::span<const Value> parameters) override;
  [[nodiscard]] std::unique_ptr<BulkLoad> load(std::string_view table, std::string_view columns) override;
  void script(std::string_view sql) override;
  [[nodiscard]] bool usable() const override { return PQstatus(handle_.get()) == CONNECTION_OK; }

 protected:
  void begin() override;
  void commit() override;
  void rollback() noexcept override;

 private:
  friend class PostgresCursor;
  friend class CopyLoad;

  void check_idle(std::string_view sql) const;
  const std::string& prepared(std::string_view sql, const Parameters& parameters);
  void send(std::string_view sql, const std::string& prepared, const Parameters& parameters);
  void send(const char* sql);
  void enter_pipeline();
  /// Ends the pipeline's sending and reads what the statements before the last one sent say.
  [[nodiscard]] std::optional<Failure> answers_before_last();
  /// The last one's answer, with all before it; leaves the pipeline.
  Answer last_answer(std::string_view sql);
  void leave_pipeline() noexcept;
  /// Runs what was put off.
  void settle();
  void drain();
  Answer simple(const char* sql, ExecStatusType wanted);
  /// Throws unless the answer has one of the good states.
  void check(const PGresult* answer, std::string_view during) const;
  [[noreturn]] void fail(const PGresult* answer, std::string_view during) const;

  Access access_;
  std::string schema_;
  Handle handle_;
  std::unordered_map<std::string, std::string> statements_;  // types + SQL → name
  std::string key_;                                          // room for looking up
  std::vector<std::string> later_;                           // sent without having been answered
  int next_name_ = 0;
  bool rows_open_ = false;
};

}  // namespace todoku::store::postgres
