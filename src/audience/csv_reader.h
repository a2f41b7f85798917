// Reads CSV (RFC 4180 and what spreadsheets make of it), UTF-8, piece by piece; no I/O.
//
// Comma, tab or semicolon, told apart by the first line; fields in quotes with doubled quotes and line breaks inside;
// records end with CRLF, LF or CR; a byte order mark is dropped; lines without anything are skipped. A quote inside an
// unquoted field is an ordinary character.
//
// Memory is bounded by Limits::record plus one feed. A broken rule is an Error whose `where` is "name:line:column"
// (both from 1, columns in characters): NUL, text after a closing quote, a quote never closed (the place where it
// opened), or a limit passed. After an error the reader gives nothing more.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace todoku::audience {

struct CsvLimits {
  std::size_t record = std::size_t{1} << 20;  // bytes
  std::size_t field = std::size_t{64} << 10;  // bytes
  std::size_t fields = 1000;                  // in one record
};

struct CsvRecord {
  std::int64_t line = 0;                 // where it begins, from 1
  std::vector<std::string_view> fields;  // valid until the next call of feed() or next()
};

class CsvReader {
 public:
  /// `name` is what errors call the input. `delimiter` 0: told by the first line.
  explicit CsvReader(std::string name, char delimiter = 0, CsvLimits limits = {});

  enum class Step : std::uint8_t { record, more, end };
  /// The next record; `more` when feed() or finish() has to come first; `end` after finish() and the last record.
  [[nodiscard]] base::Result<Step> next(CsvRecord& record);

  /// Takes the next bytes. Best once next() said `more`.
  void feed(std::string_view bytes);
  void finish() { finished_ = true; }

  /// "name:line:column" of the character after the last one fed.
  [[nodiscard]] std::string where_fed_ends() const { return place(buffer_.size()); }

  /// 0 until the first line was read.
  [[nodiscard]] char delimiter() const { return delimiter_; }

 private:
  enum class State : std::uint8_t { record_start, field_start, plain, quoted, quote_in_quoted, after_quote, failed };
  enum class Scan : std::uint8_t { record, more, error };
  struct Extent {
    std::size_t begin;
    std::size_t end;
    bool doubled_quotes;
  };

  bool start();
  Scan scan();
  bool scan_plain();
  bool scan_quoted();
  bool scan_after_quote();
  bool end_field(std::size_t end);
  bool end_record(char line_end);
  Scan at_end_of_bytes();
  bool fail(base::ErrorCode code, std::size_t at, std::string message, std::string hint);
  [[nodiscard]] std::string place(std::size_t at) const;
  void deliver(CsvRecord& record);
  void set_delimiter(char delimiter);

  std::string name_;
  char delimiter_ = 0;
  CsvLimits limits_;
  std::array<std::uint8_t, 256> stops_{};  // bit 0: ends a run of plain text; bit 1: of quoted text

  std::string buffer_;
  std::size_t record_ = 0;  // where the record being read begins
  std::size_t at_ = 0;      // what is read so far
  std::size_t field_ = 0;   // where the content of the field being read begins
  bool doubled_ = false;    // the field being read has doubled quotes
  std::vector<Extent> extents_;

  State state_ = State::record_start;
  bool begun_ = false;
  bool finished_ = false;
  bool after_cr_ = false;    // the last record ended with CR: a LF next belongs to it
  std::int64_t line_ = 1;    // of the record being read
  std::int64_t breaks_ = 0;  // line breaks inside its quotes
  std::optional<base::Error> error_;
};

}  // namespace todoku::audience
