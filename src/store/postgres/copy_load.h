// Bulk load by COPY in its text form: the server gives each value its column's type.
#pragma once
#include <string>

#include "store/postgres/postgres_connection.h"

namespace todoku::store::postgres {

class CopyLoad final : public BulkLoad {
 public:
  /// The COPY has begun.
  explicit CopyLoad(PostgresConnection& connection);
  CopyLoad(const CopyLoad&) = delete;
  CopyLoad& operator=(const CopyLoad&) = delete;
  /// Without finish() the COPY fails, and the transaction with it.
  ~CopyLoad() override;

  using BulkLoad::row;
  void row(std::span<const Value> values) override;
  void finish() override;

 private:
  void flush();
  Answer end(const char* error);

  PostgresConnection& connection_;
  std::string buffer_;
  bool open_ = true;
};

}  // namespace todoku::store::postgres
