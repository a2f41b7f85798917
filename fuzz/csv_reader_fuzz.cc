// A CSV cut into pieces anywhere gives the same records, or the same error, as the whole.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "audience/csv_reader.h"

namespace {

using todoku::audience::CsvReader;

std::string read(std::string_view text, std::size_t piece) {
  CsvReader reader("f.csv", 0, {.record = 4096, .field = 512, .fields = 50});
  todoku::audience::CsvRecord record;
  std::string seen;
  for (;;) {
    const auto step = reader.next(record);
    if (!step) return seen + step.error().text();
    if (*step == CsvReader::Step::end) return seen;
    if (*step == CsvReader::Step::record) {
      seen += std::to_string(record.line);
      for (const auto field : record.fields) seen.append("|").append(field);
      seen += '\n';
    } else if (text.empty()) {
      reader.finish();
    } else {
      reader.feed(text.substr(0, piece));
      text.remove_prefix(std::min(piece, text.size()));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  // Below the limits only: where exactly a record is found to be too long depends on the pieces.
  if (text.size() > 4096) return 0;
  if (read(text, text.size() + 1) != read(text, 1 + data[0] % 16)) std::abort();
  return 0;
}
