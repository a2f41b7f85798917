// Rows of PostgreSQL in single-row mode.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "store/postgres/postgres_connection.h"

namespace todoku::store::postgres {

class PostgresCursor final : public Cursor {
 public:
  /// The query is sent; waits for the first row or the error.
  PostgresCursor(PostgresConnection& connection, std::string_view sql);
  PostgresCursor(const PostgresCursor&) = delete;
  PostgresCursor& operator=(const PostgresCursor&) = delete;
  ~PostgresCursor() override;

  bool next() override;
  [[nodiscard]] bool is_null(int column) const override;
  [[nodiscard]] std::int64_t integer(int column) const override;
  [[nodiscard]] double real(int column) const override;
  [[nodiscard]] std::string_view text(int column) const override;
  [[nodiscard]] std::string_view bytes(int column) const override;

 private:
  void fetch();
  void end();

  PostgresConnection& connection_;
  std::string sql_;
  Answer row_;
  bool first_ = true;
  bool open_ = true;
  mutable std::vector<std::string> decoded_;  // bytea columns of this row
};

}  // namespace todoku::store::postgres
