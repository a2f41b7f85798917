// Microseconds a verdict, and what loading the rules costs.
#include <benchmark/benchmark.h>

#include "bounce/rules.h"

namespace todoku::bounce {
namespace {

// NOLINTBEGIN(bugprone-suspicious-missing-comma): long texts go on in the next line
constexpr std::string_view kTexts[] = {
    "550 5.1.1 <reader@example.jp>: Recipient address rejected: User unknown in local recipient table",
    "452-4.2.2 The recipient's inbox is out of storage space and inactive. Please direct the\n452-4.2.2 recipient to "
    "https://support.example.com/mail/?p=OverQuotaTemp 5f3si1234567 - gsmtp",
    "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org; "
    "https://www.example.org/query/ip/192.0.2.1",
    "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints",
    "550 qwertz uiop",
};
// NOLINTEND(bugprone-suspicious-missing-comma)

void judge(benchmark::State& state) {
  const auto rules = Rules::load();
  std::size_t at = 0;
  for (auto _ : state) benchmark::DoNotOptimize((*rules)->judge({.text = kTexts[at++ % std::size(kTexts)]}));
  state.counters["rules"] = static_cast<double>((*rules)->size());
  state.counters["bytes"] = static_cast<double>((*rules)->bytes());
}
BENCHMARK(judge)->Unit(benchmark::kMicrosecond);

void load(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Rules::load());
}
BENCHMARK(load)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace todoku::bounce
