#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "mail/address.h"

namespace todoku::mail {
namespace {

const std::vector<std::string>& addresses() {
  static const auto made = [] {
    std::vector<std::string> all;
    constexpr std::string_view kDomains[] = {"gmail.com", "docomo.ne.jp", "Example.co.jp", "mail.some-company.jp"};
    for (int i = 0; i < 10'000; ++i) all.push_back("reader" + std::to_string(i) + "@" + std::string(kDomains[i % 4]));
    return all;
  }();
  return made;
}

/// What an import does with each row: parse, key, role, near domain.
void parse_and_judge(benchmark::State& state) {
  for (auto _ : state) {
    for (const auto& typed : addresses()) {
      auto address = parse_address(typed);
      benchmark::DoNotOptimize(address->match_key());
      benchmark::DoNotOptimize(is_role_address(*address));
      benchmark::DoNotOptimize(near_domain(address->ascii_domain));
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(addresses().size()));
}
BENCHMARK(parse_and_judge)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace todoku::mail
