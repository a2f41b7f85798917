#include <benchmark/benchmark.h>

#include <string>

#include "audience/csv_reader.h"

namespace todoku::audience {
namespace {

std::string rows(bool quoted) {
  std::string text = "id,email,name,city,plan,birthday,phone,note\n";
  const std::string q = quoted ? "\"" : "";
  for (int i = 0; text.size() < (std::size_t{8} << 20); ++i) {
    for (const auto& field :
         {std::to_string(i), "reader" + std::to_string(i) + "@example.jp", std::string("Aoki Ichiro"),
          std::string("Yokohama"), std::string("standard"), std::string("1980-01-02"), std::string("045-123-4567")}) {
      text += q + field + q + ",";
    }
    text += "x\r\n";
  }
  return text;
}

void read_csv(benchmark::State& state) {
  const auto text = rows(state.range(0) != 0);
  constexpr std::size_t kPiece = std::size_t{128} << 10;
  for (auto _ : state) {
    CsvReader reader("bench.csv");
    CsvRecord record;
    std::size_t fields = 0;
    std::string_view rest = text;
    for (auto step = reader.next(record); step && *step != CsvReader::Step::end; step = reader.next(record)) {
      if (*step == CsvReader::Step::record) {
        fields += record.fields.size();
      } else if (rest.empty()) {
        reader.finish();
      } else {
        reader.feed(rest.substr(0, kPiece));
        rest.remove_prefix(std::min(kPiece, rest.size()));
      }
    }
    benchmark::DoNotOptimize(fields);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}
BENCHMARK(read_csv)->ArgName("quoted")->Arg(0)->Arg(1);

}  // namespace
}  // namespace todoku::audience
