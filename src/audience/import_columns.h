// Which column of a CSV is what: by the names that exports in Japanese and English use, or as the user maps them.
//
// A column is the address, the name (or family and given name, put together), the consent basis, or a field of the
// contact under its own name. Two columns under one name are an error, columns without a name are left out.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace todoku::audience {

struct ImportColumns {
  /// False: the first record is a contact already.
  bool has_header = true;
  std::vector<std::string> names;  // one for each column, as rejected rows name them
  std::size_t address = 0;
  std::vector<std::size_t> name;  // parts in the order they are put together
  std::optional<std::size_t> consent;
  struct Field {
    std::size_t column;
    std::string name;
  };
  std::vector<Field> fields;
};

/// One --map: the column by its name or number (from 1), and what it is: "email", "name", "consent", "-" for nothing,
/// or a field's name.
struct ColumnMapping {
  std::string column;
  std::string target;
};
/// "column=target".
[[nodiscard]] base::Result<ColumnMapping> parse_mapping(std::string_view text);

/// Errors: no column holds addresses, a mapping names no column, two columns are one thing.
[[nodiscard]] base::Result<ImportColumns> plan_columns(std::span<const std::string> first,
                                                       std::span<const ColumnMapping> mappings);

/// Columns that Todoku adds to the files it writes have names that begin so; an import leaves them out, so that
/// rejected rows can be corrected in their file and an export read again.
inline constexpr std::string_view kOwnPrefix = "todoku_";

}  // namespace todoku::audience
