// Outcomes a second through the stop policy, in groups of 1,000 within one transaction each, as a sender reports them.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <filesystem>

#include "audience/contact.h"
#include "audience/stop_policy.h"
#include "store/store.h"

namespace todoku::audience {
namespace {

constexpr std::int64_t kContacts = 100'000;
constexpr std::int64_t kGroup = 1'000;

std::vector<Event> events(std::int64_t first, std::int64_t failing_percent, std::int64_t campaign) {
  std::vector<Event> group;
  for (std::int64_t i = 0; i < kGroup; ++i) {
    Event event{.contact = base::ContactId{1 + (first + i) % kContacts},
                .campaign = base::CampaignId{campaign},
                .at = {},
                .reason = bounce::Reason::delivered,
                .effect = bounce::Effect::none,
                .permanent = true,
                .reply = {}};
    if (i % 100 < failing_percent) {
      event.reason = bounce::Reason::mailbox_full;
      event.effect = bounce::Effect::soft;
    }
    group.push_back(event);
  }
  return group;
}

void record_outcomes(benchmark::State& state) {
  const auto folder = std::filesystem::temp_directory_path() / ("stop-bench-" + std::to_string(::getpid()));
  {
    const auto store = store::Store::open({.url = {}, .folder = folder, .schema = {}}).value();
    store->write_now([](store::Connection& db) {
      const Fields none;
      for (std::int64_t i = 1; i <= kContacts; ++i) {
        const auto address = std::to_string(i) + "@example.jp";
        (void)add_contact(db, {.address = address, .name = "", .fields = none, .consent = "form"}, {});
      }
    });
    StopPolicy policy;
    std::int64_t first = 0;
    for (auto _ : state) {
      const auto group = events(first, state.range(0), 1 + first / kContacts);
      store->write_now([&](store::Connection& db) { (void)policy.record(db, group); });
      first += kGroup;
    }
    state.SetItemsProcessed(first);
  }
  std::filesystem::remove_all(folder);
}
BENCHMARK(record_outcomes)->ArgName("failing_percent")->Arg(0)->Arg(5)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace todoku::audience
