// What shaping costs a mail.
#include <benchmark/benchmark.h>

#include "delivery/shape.h"

namespace todoku::delivery {
namespace {

void mails(benchmark::State& state, const provider::Limits& limits) {
  Allowance allowance;
  allowance.limits = limits;
  Shape shape(std::move(allowance));
  base::Time now{base::Duration{1'800'000'000'000}};
  std::int64_t mail = 0;
  for (auto _ : state) {
    if (++mail % 20 == 0) now += base::Duration(1);
    benchmark::DoNotOptimize(shape.ask(0, now));
    benchmark::DoNotOptimize(shape.answered(0, {.sign = Sign::taken}, now, now));
  }
}

void without_limits(benchmark::State& state) { mails(state, {}); }
void all_limits(benchmark::State& state) {
  mails(state, {.mails_per_second = 50'000,
                .mails_per_minute = 3'000'000,
                .mails_per_hour = 180'000'000,
                .mails_per_day = 4'000'000'000});
}
BENCHMARK(without_limits);
BENCHMARK(all_limits);

}  // namespace
}  // namespace todoku::delivery
