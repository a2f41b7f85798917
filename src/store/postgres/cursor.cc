#include "store/postgres/cursor.h"

#include <charconv>

namespace todoku::store::postgres {
namespace {

int hex_digit(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

}  // namespace

PostgresCursor::PostgresCursor(PostgresConnection& connection, std::string_view sql)
    : connection_(connection), sql_(sql.substr(0, 500)) {
  connection_.rows_open_ = true;
  fetch();
}

PostgresCursor::~PostgresCursor() { end(); }

void PostgresCursor::fetch() {
  row_.reset(PQgetResult(connection_.handle_.get()));
  if (row_ && PQresultStatus(row_.get()) == PGRES_SINGLE_TUPLE) return;
  const Answer last = std::move(row_);  // no more rows, or the error
  end();
  connection_.check(last.get(), sql_);
}

/// Reads what is left: the connection is of no use before.
void PostgresCursor::end() {
  if (!open_) return;
  open_ = false;
  row_.reset();
  connection_.drain();
  connection_.rows_open_ = false;
  connection_.leave_pipeline();
}

bool PostgresCursor::next() {
  if (!open_) return false;
  decoded_.clear();
  if (!first_) fetch();
  first_ = false;
  return open_;
}

bool PostgresCursor::is_null(int column) const { return PQgetisnull(row_.get(), 0, column) != 0; }

std::string_view PostgresCursor::text(int column) const {
  return {PQgetvalue(row_.get(), 0, column), static_cast<std::size_t>(PQgetlength(row_.get(), 0, column))};
}

std::int64_t PostgresCursor::integer(int column) const {
  const std::string_view digits = text(column);
  if (digits == "t") return 1;  // a boolean expression
  std::int64_t n = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), n);
  return n;
}

double PostgresCursor::real(int column) const {
  const std::string_view digits = text(column);
  double d = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), d);
  return d;
}

/// bytea comes as \x and hex digits.
std::string_view PostgresCursor::bytes(int column) const {
  std::string_view hex = text(column);
  if (!hex.starts_with("\\x")) return hex;
  hex.remove_prefix(2);
  if (decoded_.empty()) decoded_.resize(static_cast<std::size_t>(PQnfields(row_.get())));
  std::string& out = decoded_[static_cast<std::size_t>(column)];
  out.resize(hex.size() / 2);
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<char>(hex_digit(hex[2 * i]) * 16 + hex_digit(hex[2 * i + 1]));
  }
  return out;
}

}  // namespace todoku::store::postgres
