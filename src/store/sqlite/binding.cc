#include "store/sqlite/binding.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include "store/connection.h"
#include "store/utf8.h"

namespace todoku::store::sqlite {
namespace {

struct Binder {
  sqlite3_stmt* statement;
  int index;
  sqlite3_destructor_type keep;

  int operator()(Null) const { return sqlite3_bind_null(statement, index); }
  int operator()(std::int64_t n) const { return sqlite3_bind_int64(statement, index, n); }
  int operator()(double d) const { return sqlite3_bind_double(statement, index, d); }
  int operator()(std::string_view text) const {
    if (!is_storable_text(text)) {
      throw Failure(Failure::Kind::statement, fmt::format("parameter {} is no UTF-8 text without NUL", index));
    }
    return sqlite3_bind_text64(statement, index, text.data() ? text.data() : "", text.size(), keep, SQLITE_UTF8);
  }
  int operator()(Bytes bytes) const {
    return sqlite3_bind_blob64(statement, index, bytes.data.data() ? bytes.data.data() : "", bytes.data.size(), keep);
  }
  int operator()(Integers list) const {  // json_each reads it
    const std::string json = fmt::format("[{}]", fmt::join(list.values, ","));
    return sqlite3_bind_text64(statement, index, json.data(), json.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  }
};

}  // namespace

void bind(sqlite3_stmt* statement, std::span<const Value> values, Lifetime lifetime, std::string_view sql) {
  const int wanted = sqlite3_bind_parameter_count(statement);
  if (static_cast<std::size_t>(wanted) != values.size()) {
    throw Failure(Failure::Kind::statement, fmt::format("{} parameters for {} in: {}", values.size(), wanted, sql));
  }
  Binder binder{statement, 0, lifetime == Lifetime::copied ? SQLITE_TRANSIENT : SQLITE_STATIC};
  for (const Value& value : values) {
    ++binder.index;
    const int code = std::visit(binder, value.state());
    if (code == SQLITE_OK) continue;
    throw Failure(Failure::Kind::statement,
                  fmt::format("parameter {} of {}: {}", binder.index, sql, sqlite3_errstr(code)));
  }
}

}  // namespace todoku::store::sqlite
