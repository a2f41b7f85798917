// Values into the parameters of a SQLite statement.
#pragma once
#include <span>
#include <string_view>

#include "store/value.h"

struct sqlite3_stmt;

namespace todoku::store::sqlite {

/// Whether the bytes of text and blobs outlive the statement's run, or have to be copied.
enum class Lifetime : std::uint8_t { outlives, copied };

/// Throws Failure::statement where the number of values is wrong or a text cannot be stored.
void bind(sqlite3_stmt* statement, std::span<const Value> values, Lifetime lifetime, std::string_view sql);

}  // namespace todoku::store::sqlite
