// Imports a CSV file of contacts into a list.
//
// The file is read twice. First as a whole: charset, delimiter, structure; what is broken is refused with its place and
// nothing is stored. Then row by row into the database, in chunks of one transaction each, checked by one thread while
// the store's writer stores the chunk before. A row with a fault goes to the file of rejected rows and the import goes
// on. How rows are merged: import_store.h; which column is what: import_columns.h.
//
// A crash leaves whole chunks. The same file with the same options then goes on behind the last one: the first part is
// checked again (so that the rejected rows and all counts are complete) but not stored again.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "audience/csv_file.h"
#include "audience/import_chunk.h"
#include "audience/import_columns.h"
#include "audience/import_store.h"
#include "base/clock.h"
#include "base/result.h"
#include "bounce/explanation.h"
#include "store/store.h"

namespace todoku::audience {

struct ImportOptions {
  std::filesystem::path file;
  std::string list;
  std::vector<ColumnMapping> mappings = {};
  std::string consent;  // basis for rows without their own; empty: those come in as not sendable
  CsvFile::Format format{.charset = "", .delimiter = 0};  // empty, 0: detected
  std::filesystem::path rejects;  // the file of rejected rows; empty: FILE with .rejected.csv for its ending
  bounce::Language language = bounce::Language::ja;  // of the reasons in that file
  bool dry_run = false;                              // check, report, store nothing
  std::int64_t chunk_rows = ImportChunk::kRows;      // in one transaction, at most
};

struct ImportProgress {
  enum class Phase : std::uint8_t { reading, importing };
  Phase phase = Phase::reading;
  std::uint64_t done = 0;  // reading: bytes; importing: rows
  std::uint64_t all = 0;
};
using OnProgress = std::function<void(const ImportProgress&)>;

/// Something about rows that is worth a look: how many, and the first few.
struct Remark {
  struct Sample {
    std::int64_t line;
    std::string text;
  };
  static constexpr std::size_t kSamples = 5;
  std::int64_t rows = 0;
  std::vector<Sample> samples;
  void add(std::int64_t line, const std::function<std::string()>& text);
};

struct ImportReport {
  std::int64_t rows = 0;  // of data
  std::int64_t accepted = 0;
  std::int64_t rejected = 0;
  std::int64_t repeated = 0;  // accepted rows whose address stood in the file before
  std::int64_t without_consent = 0;
  Remark rejects;
  Remark roles;         // imported all the same
  Remark near_domains;  // likewise; "a@gmial.com → gmail.com"
  ImportCounts stored;
  std::int64_t resumed_after = 0;  // rows that an interrupted import had stored before
  std::string charset;
  char delimiter = ',';
  std::filesystem::path rejects_file;  // empty when nothing was rejected
};

/// Errors: the file cannot be read or is broken, no column of addresses, no rows, the file of rejected rows cannot be
/// written. Throws store::Failure when the database is lost; then the import can be taken up again.
[[nodiscard]] base::Result<ImportReport> import_contacts(store::Store& store, const ImportOptions& options,
                                                         const base::Clock& clock, const OnProgress& progress = {});

}  // namespace todoku::audience
