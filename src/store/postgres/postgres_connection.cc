#include "store/postgres/postgres_connection.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "store/postgres/copy_load.h"
#include "store/postgres/cursor.h"
#include "store/postgres/parameters.h"
#include "store/sql_text.h"

namespace todoku::store::postgres {
namespace {

constexpr std::size_t kMaxStatements = 300;
constexpr std::size_t kMaxLater = 200;  // so that what both sides have still to say fits the sockets

Failure::Kind kind_of(std::string_view state) {
  if (state.starts_with("23")) return Failure::Kind::constraint;
  if (state == "40001" || state == "40P01" || state == "55P03") return Failure::Kind::busy;
  if (state == "53100") return Failure::Kind::full;
  // 08: connection; 57P: the server is shutting down, crashed or starting up; 53: it has no room for us
  if (state == "08P01") return Failure::Kind::statement;  // the wrong number of parameters
  if (state.starts_with("08") || state.starts_with("57P") || state.starts_with("53")) return Failure::Kind::lost;
  return Failure::Kind::statement;
}

Handle connect(const Target& target) {
  // What the URL says comes later and wins.
  const std::array<const char*, 8> names = {"application_name",
                                            "connect_timeout",
                                            "tcp_user_timeout",
                                            "keepalives_idle",
                                            "dbname",
                                            "client_encoding",
                                            nullptr};
  const std::array<const char*, 8> values = {"todoku", "10", "30000", "30", target.url.c_str(), "UTF8", nullptr};
  return Handle(PQconnectdbParams(names.data(), values.data(), 1));
}

std::string quoted_name(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

}  // namespace

PostgresConnection::PostgresConnection(const Target& target, Access access)
    : access_(access), schema_(target.schema), handle_(connect(target)) {
  if (!usable()) fail(nullptr, "connect");
  PQsetNoticeProcessor(handle_.get(), [](void*, const char*) {}, nullptr);
  // A search path may name a schema that is still to be made.
  if (!schema_.empty()) script("set search_path = " + quoted_name(schema_));
  if (access == Access::read) script("set default_transaction_read_only = on");
}

void PostgresConnection::make_schema() {
  if (schema_.empty()) return;
  try {
    script("create schema if not exists " + quoted_name(schema_));
  } catch (const Failure& e) {
    // "if not exists" looks before it makes: of several who start at once all but one may hear of a duplicate.
    if (e.kind() != Failure::Kind::constraint) throw;
  }
}

void PostgresConnection::fail(const PGresult* answer, std::string_view during) const {
  const char* state = answer ? PQresultErrorField(answer, PG_DIAG_SQLSTATE) : nullptr;
  const char* message = answer ? PQresultErrorMessage(answer) : "";
  std::string text = *message ? message : PQerrorMessage(handle_.get());
  while (text.ends_with('\n')) text.pop_back();
  Failure::Kind kind = state ? kind_of(state) : Failure::Kind::statement;
  if (!usable()) kind = Failure::Kind::lost;
  throw Failure(kind, fmt::format("{} ({}) in: {}", text, state ? state : "no SQLSTATE", during.substr(0, 500)));
}

void PostgresConnection::check(const PGresult* answer, std::string_view during) const {
  switch (answer ? PQresultStatus(answer) : PGRES_FATAL_ERROR) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_SINGLE_TUPLE:
    case PGRES_COPY_IN:
      return;
    default:
      fail(answer, during);
  }
}

void PostgresConnection::check_idle(std::string_view sql) const {
  if (!rows_open_) return;
  throw Failure(Failure::Kind::statement,
                fmt::format("the rows or the load of an earlier query are still open in: {}", sql));
}

/// The name of the statement on the server. Types are part of the key: a null, typeless, needs its own plan.
const std::string& PostgresConnection::prepared(std::string_view sql, const Parameters& parameters) {
  check_idle(sql);
  key_.clear();
  for (int i = 0; i < parameters.count(); ++i) {
    const Oid type = parameters.types()[i];
    key_ += type == 0 ? 'u' : static_cast<char>('A' + type % 26);
  }
  key_ += ' ';
  key_ += sql;
  if (const auto known = statements_.find(key_); known != statements_.end()) return known->second;
  settle();
  if (statements_.size() >= kMaxStatements) {
    simple("deallocate all", PGRES_COMMAND_OK);
    statements_.clear();
  }
  const std::string text = sql_for(Engine::postgres, sql);
  std::string name = fmt::format("s{}", next_name_++);
  const Answer answer(PQprepare(handle_.get(), name.c_str(), text.c_str(), parameters.count(), parameters.types()));
  check(answer.get(), sql);
  return statements_.emplace(key_, std::move(name)).first->second;
}

void PostgresConnection::send(std::string_view sql, const std::string& prepared, const Parameters& parameters) {
  if (PQsendQueryPrepared(handle_.get(), prepared.c_str(), parameters.count(), parameters.data(), parameters.lengths(),
                          parameters.formats(), 0) == 0) {
    fail(nullptr, sql);
  }
}

void PostgresConnection::send(const char* sql) {
  if (PQsendQueryParams(handle_.get(), sql, 0, nullptr, nullptr, nullptr, nullptr, 0) == 0) fail(nullptr, sql);
}

void PostgresConnection::enter_pipeline() {
  if (PQpipelineStatus(handle_.get()) == PQ_PIPELINE_OFF && PQenterPipelineMode(handle_.get()) == 0)
    fail(nullptr, "pipeline");
}

/// What is left of one statement's answers.
void PostgresConnection::drain() {
  while (PGresult* rest = PQgetResult(handle_.get())) PQclear(rest);
}

std::optional<Failure> PostgresConnection::answers_before_last() {
  std::optional<Failure> first;
  if (PQpipelineSync(handle_.get()) == 0) first.emplace(Failure::Kind::lost, PQerrorMessage(handle_.get()));
  for (const std::string& sql : later_) {
    if (!usable()) break;
    const Answer answer(PQgetResult(handle_.get()));
    drain();
    try {
      check(answer.get(), sql);
    } catch (const Failure& failure) {
      if (!first) first = failure;  // those behind it were not run
    }
  }
  if (!first && !usable()) first.emplace(Failure::Kind::lost, PQerrorMessage(handle_.get()));
  later_.clear();
  return first;
}

void PostgresConnection::leave_pipeline() noexcept {
  if (PQpipelineStatus(handle_.get()) == PQ_PIPELINE_OFF) return;
  const Answer end(PQgetResult(handle_.get()));  // of the sync
  // Out of step with the server, as after a loss: only a new connection helps.
  if (PQexitPipelineMode(handle_.get()) == 0) handle_.reset();
}

Answer PostgresConnection::last_answer(std::string_view sql) {
  const std::optional<Failure> failure = answers_before_last();
  Answer answer(PQgetResult(handle_.get()));
  drain();
  leave_pipeline();
  if (failure) throw Failure(*failure);
  check(answer.get(), sql);
  return answer;
}

void PostgresConnection::settle() {
  if (later_.empty()) return;
  const std::optional<Failure> failure = answers_before_last();
  leave_pipeline();
  if (failure) throw Failure(*failure);
}

Rows PostgresConnection::query(std::string_view sql, std::span<const Value> values) {
  const Parameters parameters(values);
  send(sql, prepared(sql, parameters), parameters);
  if (!later_.empty()) {
    if (const std::optional<Failure> failure = answers_before_last()) {
      drain();
      leave_pipeline();
      throw Failure(*failure);
    }
  }
  if (PQsetSingleRowMode(handle_.get()) == 0) {  // the cursor would take all rows at once for the end
    drain();
    leave_pipeline();
    fail(nullptr, sql);
  }
  return Rows(std::make_unique<PostgresCursor>(*this, sql));
}

std::int64_t PostgresConnection::execute(std::string_view sql, std::span<const Value> values) {
  const Parameters parameters(values);
  const std::string& name = prepared(sql, parameters);
  Answer answer;
  if (later_.empty()) {
    answer.reset(PQexecPrepared(handle_.get(), name.c_str(), parameters.count(), parameters.data(),
                                parameters.lengths(), parameters.formats(), 0));
    check(answer.get(), sql);
  } else {
    send(sql, name, parameters);
    answer = last_answer(sql);
  }
  const std::string_view changed = PQcmdTuples(answer.get());
  std::int64_t n = 0;
  std::from_chars(changed.data(), changed.data() + changed.size(), n);
  return n;
}

void PostgresConnection::execute_later(std::string_view sql, std::span<const Value> values) {
  if (later_.size() >= kMaxLater) settle();
  const Parameters parameters(values);
  const std::string& name = prepared(sql, parameters);
  enter_pipeline();
  send(sql, name, parameters);
  later_.emplace_back(sql);
}

std::unique_ptr<BulkLoad> PostgresConnection::load(std::string_view table, std::string_view columns) {
  const std::string sql = fmt::format("copy {} ({}) from stdin", table, columns);
  check_idle(sql);
  simple(sql.c_str(), PGRES_COPY_IN);
  return std::make_unique<CopyLoad>(*this);
}

Answer PostgresConnection::simple(const char* sql, ExecStatusType wanted) {
  settle();
  Answer answer(PQexec(handle_.get(), sql));
  if (PQresultStatus(answer.get()) != wanted) fail(answer.get(), sql);
  return answer;
}

void PostgresConnection::script(std::string_view sql) {
  check_idle(sql);
  settle();
  const std::string text = sql_for(Engine::postgres, sql);
  const Answer answer(PQexec(handle_.get(), text.c_str()));
  if (PQresultStatus(answer.get()) != PGRES_EMPTY_QUERY) check(answer.get(), sql);
}

void PostgresConnection::begin() {
  check_idle("begin");
  const char* sql = access_ == Access::read ? "begin isolation level repeatable read" : "begin";
  settle();
  enter_pipeline();
  send(sql);
  later_.emplace_back(sql);
}

void PostgresConnection::commit() {
  check_idle("commit");
  enter_pipeline();
  send("commit");
  const Answer answer = last_answer("commit");
  // The COMMIT of a failed transaction succeeds as a rollback.
  if (std::string_view(PQcmdStatus(answer.get())) != "COMMIT") {
    throw Failure(Failure::Kind::statement, "the transaction had failed and was rolled back instead of committed");
  }
}

void PostgresConnection::rollback() noexcept {
  try {
    settle();
  } catch (const Failure&) {  // NOLINT(bugprone-empty-catch): all of it is undone
  }
  if (usable() && PQtransactionStatus(handle_.get()) != PQTRANS_IDLE) {
    const Answer answer(PQexec(handle_.get(), "rollback"));
  }
}

}  // namespace todoku::store::postgres
