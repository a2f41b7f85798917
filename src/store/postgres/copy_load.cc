#include "store/postgres/copy_load.h"

#include <fmt/format.h>

#include <iterator>

#include "store/utf8.h"

namespace todoku::store::postgres {
namespace {

constexpr std::size_t kChunk = 64 * 1024;

/// One value in COPY's text format.
struct Writer {
  std::string& out;

  void operator()(Null) const { out += "\\N"; }
  void operator()(std::int64_t n) const { fmt::format_to(std::back_inserter(out), "{}", n); }
  void operator()(double d) const { fmt::format_to(std::back_inserter(out), "{}", d); }
  void operator()(std::string_view text) const {
    if (!is_storable_text(text)) throw Failure(Failure::Kind::statement, "a loaded text is no UTF-8 without NUL");
    for (const char c : text) {
      switch (c) {
        case '\\':
          out += "\\\\";
          break;
        case '\t':
          out += "\\t";
          break;
        case '\n':
          out += "\\n";
          break;
        case '\r':
          out += "\\r";
          break;
        default:
          out += c;
      }
    }
  }
  void operator()(Bytes bytes) const {
    constexpr std::string_view kDigits = "0123456789abcdef";
    out += "\\\\x";
    for (const char c : bytes.data) {
      const auto byte = static_cast<unsigned char>(c);
      out += kDigits[byte >> 4U];
      out += kDigits[byte & 15U];
    }
  }
  void operator()(Integers list) const {
    fmt::format_to(std::back_inserter(out), "{{{}}}", fmt::join(list.values, ","));
  }
};

}  // namespace

CopyLoad::CopyLoad(PostgresConnection& connection) : connection_(connection) { connection_.rows_open_ = true; }

CopyLoad::~CopyLoad() {
  if (open_) end("the load was given up");
}

void CopyLoad::row(std::span<const Value> values) {
  bool first = true;
  for (const Value& value : values) {
    if (!first) buffer_ += '\t';
    first = false;
    std::visit(Writer{buffer_}, value.state());
  }
  buffer_ += '\n';
  if (buffer_.size() >= kChunk) flush();
}

void CopyLoad::flush() {
  if (PQputCopyData(connection_.handle_.get(), buffer_.data(), static_cast<int>(buffer_.size())) != 1) {
    connection_.fail(nullptr, "copy");
  }
  buffer_.clear();
}

Answer CopyLoad::end(const char* error) {
  open_ = false;
  PGconn* handle = connection_.handle_.get();
  PQputCopyEnd(handle, error);
  Answer answer(PQgetResult(handle));
  while (PGresult* rest = PQgetResult(handle)) PQclear(rest);
  connection_.rows_open_ = false;
  return answer;
}

void CopyLoad::finish() {
  flush();
  const Answer answer = end(nullptr);
  connection_.check(answer.get(), "copy");
}

}  // namespace todoku::store::postgres
