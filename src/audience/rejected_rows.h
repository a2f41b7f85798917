// The file of rows that an import refused: line, column and reason, then the row as it was, so that it can be corrected
// there and imported again. UTF-8 with a byte order mark (spreadsheets ask for it), readable by its owner only.
#pragma once
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <string_view>

#include "audience/csv_reader.h"
#include "audience/import_columns.h"
#include "base/result.h"

namespace todoku::audience {

class RejectedRows {
 public:
  /// Begins the file anew. Errors: io.
  [[nodiscard]] static base::Result<RejectedRows> create(const std::filesystem::path& path,
                                                         const ImportColumns& columns);
  RejectedRows(RejectedRows&&) = default;

  void add(const CsvRecord& record, std::string_view column, std::string_view reason);
  /// Removes the file where no row was added. Errors: io, also of earlier writes.
  [[nodiscard]] base::Result<void> close();

 private:
  RejectedRows(std::filesystem::path path, std::ofstream file) : path_(std::move(path)), file_(std::move(file)) {}

  std::filesystem::path path_;
  std::ofstream file_;
  std::string line_;
  bool empty_ = true;
};

/// Appends `field` as CSV, in quotes where it needs them.
void append_csv_field(std::string& line, std::string_view field);

}  // namespace todoku::audience
