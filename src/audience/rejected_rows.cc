#include "audience/rejected_rows.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace todoku::audience {
namespace {

base::Error io_error(const std::filesystem::path& path) {
  return {base::ErrorCode::io,
          std::string("the file of rejected rows cannot be written: ") + std::generic_category().message(errno),
          "name another with --rejects", path.string()};
}

}  // namespace

base::Result<RejectedRows> RejectedRows::create(const std::filesystem::path& path, const ImportColumns& columns) {
  // Made here because a stream cannot say the mode: the file holds people's addresses.
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) return io_error(path);
  ::close(descriptor);
  RejectedRows rows(path, std::ofstream(path, std::ios::binary));
  std::string header = "\xef\xbb\xbf";
  for (const auto* name : {"line", "column", "reason"}) header.append(kOwnPrefix).append(name).append(",");
  for (const auto& name : columns.names) {
    append_csv_field(header, name);
    header += ',';
  }
  header.back() = '\r';
  rows.file_ << header << '\n';
  if (!rows.file_) return io_error(path);
  return rows;
}

void RejectedRows::add(const CsvRecord& record, std::string_view column, std::string_view reason) {
  empty_ = false;
  line_ = std::to_string(record.line);
  for (const auto field : {column, reason}) {
    line_ += ',';
    append_csv_field(line_, field);
  }
  for (const auto field : record.fields) {
    line_ += ',';
    append_csv_field(line_, field);
  }
  file_ << line_ << "\r\n";
}

base::Result<void> RejectedRows::close() {
  file_.close();
  if (!file_) return io_error(path_);
  std::error_code ignored;
  if (empty_) std::filesystem::remove(path_, ignored);
  return base::done;
}

void append_csv_field(std::string& line, std::string_view field) {
  if (field.find_first_of(",\"\r\n\t;") == std::string_view::npos) {
    line += field;
    return;
  }
  line += '"';
  for (const char c : field) {
    if (c == '"') line += '"';
    line += c;
  }
  line += '"';
}

}  // namespace todoku::audience
