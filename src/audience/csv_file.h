// A CSV file in any charset, record by record as UTF-8.
//
// Reads ahead by a fixed piece, so memory is bounded by the reader's limits. Errors say where: "name:line:column" for
// bytes that mean nothing in the charset, and what CsvReader finds.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "audience/csv_reader.h"
#include "base/result.h"
#include "mail/charset.h"

namespace todoku::audience {

/// A file descriptor that closes itself.
class OpenFile {
 public:
  /// A regular file only: it is read twice. Errors: io, invalid.
  [[nodiscard]] static base::Result<OpenFile> open(const std::filesystem::path& path);
  OpenFile(OpenFile&& other) noexcept;
  OpenFile& operator=(OpenFile&&) = delete;
  ~OpenFile();

  /// Bytes read into `into`, 0 at the end. Errors: io.
  [[nodiscard]] base::Result<std::size_t> read(std::string& into);
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] std::string name() const { return path_.filename().string(); }

 private:
  OpenFile(std::filesystem::path path, int descriptor, std::uint64_t size)
      : path_(std::move(path)), descriptor_(descriptor), size_(size) {}

  std::filesystem::path path_;
  int descriptor_;
  std::uint64_t size_;
};

/// Hears every byte of the file as it is read.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual void bytes(std::string_view piece) = 0;
};

class CsvFile {
 public:
  struct Format {
    std::string charset = "utf-8";
    char delimiter = 0;  // 0: told by the first line
  };
  [[nodiscard]] static base::Result<CsvFile> open(const std::filesystem::path& path, const Format& format,
                                                  ByteSink* sink = nullptr);

  /// False at the end of the file.
  [[nodiscard]] base::Result<bool> next(CsvRecord& record);

  [[nodiscard]] std::uint64_t size() const { return file_.size(); }
  [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }
  [[nodiscard]] char delimiter() const { return reader_.delimiter(); }
  /// Where the charset broke, once next() failed for that.
  [[nodiscard]] std::optional<std::uint64_t> broken_byte() const { return broken_byte_; }

 private:
  CsvFile(OpenFile file, mail::Decoder decoder, const Format& format, ByteSink* sink);
  base::Result<void> read_on();

  OpenFile file_;
  mail::Decoder decoder_;
  std::string charset_;
  CsvReader reader_;
  ByteSink* sink_;
  std::string piece_;
  std::string text_;
  std::uint64_t bytes_read_ = 0;
  std::optional<std::uint64_t> broken_byte_;  // what was read before it is still to be given out
};

}  // namespace todoku::audience
