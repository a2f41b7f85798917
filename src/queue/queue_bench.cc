// A campaign of a million through the queue: lay down, claim, append, finish, and what status costs meanwhile.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <iterator>

#include "queue/control.h"
#include "queue/counts.h"
#include "queue/queue.h"
#include "store/store.h"

namespace todoku::queue {
namespace {

const base::Time kNow = base::from_stored(1'700'000'000'000);
constexpr base::CampaignId kCampaign{1};
constexpr int kRecipients = 1'000'000;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

class Bench {
 public:
  explicit Bench(std::int64_t engine) {
    std::string name = (std::filesystem::current_path() / "queue-bench-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    store::Options options;
    options.folder = folder_ / "data";
    if (engine == 1) {
      // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets it
      options.url = std::getenv("TODOKU_TEST_POSTGRES");
      options.schema = fmt::format("bench{}", ++schemas_);
    }
    store_ = store::Store::open(options).value();
  }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;
  ~Bench() {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  store::Store& store() { return *store_; }

  /// Spread over `sites`, with most at a few, as lists are.
  void lay_down_million(int sites) {
    for (int part = 0; part < 20; ++part) {
      BatchBuilder builder({.campaign = kCampaign, .now = kNow});
      for (int n = 0; n < kRecipients / 20; ++n) {
        const int contact = part * (kRecipients / 20) + n + 1;
        const unsigned spread = static_cast<unsigned>(contact) * 2'654'435'761U;
        const int site = contact % 10 < 7 ? contact % 5 : static_cast<int>(spread % static_cast<unsigned>(sites));
        builder.add(fmt::format("site{}.example.jp", site), {contact});
      }
      store_->write_now([&](store::Connection& db) {
        BatchBuilder copy = builder;
        copy.finish(db);
      });
    }
  }
  /// Bytes of the database beyond an empty one.
  std::int64_t bytes() {
    const auto db = store_->read();
    if (store_->engine() == store::Engine::sqlite) {
      return *db->query_integer("select (select page_count from pragma_page_count) * 4096");
    }
    return *db->query_integer("select pg_total_relation_size('batch') + pg_total_relation_size('word')");
  }

 private:
  static inline int schemas_ = 0;
  std::filesystem::path folder_;
  std::unique_ptr<store::Store> store_;
};

std::vector<Outcome> outcomes_of(const Batch& batch) {
  std::vector<Outcome> outcomes;
  for (const base::ContactId contact : batch.contacts) {
    Outcome& o = outcomes.emplace_back();
    o.campaign = batch.campaign;
    o.contact = contact;
    o.batch = batch.id;
    o.at = kNow;
    o.site = batch.site;
    o.remote = "mx." + batch.site + " [192.0.2.1]";
    o.stage = "data";
    o.status = "2.0.0";
    o.reply_code = 250;
    o.text = "2.0.0 Ok: queued as 4F1A2B3C4D";
    if (contact.value % 20 != 0) continue;
    o.result = Result::failed;
    o.reason = "user_unknown";
    o.text = "550 5.1.1 <someone@example.jp>: Recipient address rejected: User unknown in virtual mailbox table";
  }
  return outcomes;
}

/// Outcomes in groups of `group`, as many as wait while a commit is on its way to the disk.
std::int64_t send(store::Store& store, std::span<const Batch> batches, std::size_t group) {
  std::vector<Outcome> all;
  for (const Batch& batch : batches) {
    std::vector<Outcome> outcomes = outcomes_of(batch);
    std::ranges::move(outcomes, std::back_inserter(all));
  }
  for (std::size_t from = 0; from < all.size(); from += group) {
    const std::span part = std::span(all).subspan(from, std::min(group, all.size() - from));
    store.write([part](store::Connection& db) { append(db, part); }, {});
  }
  for (const Batch& batch : batches) store.write([&](store::Connection& db) { finish(db, batch, {}, kNow); }, {});
  store.write_now([](store::Connection&) {});
  return static_cast<std::int64_t>(all.size());
}

/// range(0): engine; range(1): sites.
void campaign_of_a_million(benchmark::State& state) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets it
  if (state.range(0) == 1 && !std::getenv("TODOKU_TEST_POSTGRES")) return state.SkipWithError("no PostgreSQL");
  for (auto _ : state) {
    Bench bench(state.range(0));
    const std::int64_t empty = bench.bytes();
    auto start = std::chrono::steady_clock::now();
    bench.lay_down_million(static_cast<int>(state.range(1)));
    state.counters["lay_down_s"] = seconds_since(start);
    state.counters["bytes_a_recipient"] = static_cast<double>(bench.bytes() - empty) / kRecipients;
    start = std::chrono::steady_clock::now();
    std::vector<Batch> batches;
    int claims = 0;
    std::vector<std::vector<Batch>> claimed(300);
    for (auto& some : claimed) {
      bench.store().write(
          [&some](store::Connection& db) {
            some = claim(db, {.owner = "bench", .now = kNow, .max_batches = 2, .except_sites = {}});
          },
          {});
      ++claims;
    }
    bench.store().write_now([](store::Connection&) {});
    for (auto& some : claimed) std::ranges::move(some, std::back_inserter(batches));
    state.counters["claims_a_s"] = claims / seconds_since(start);
    start = std::chrono::steady_clock::now();
    const std::clock_t cpu = std::clock();
    const std::int64_t sent = send(bench.store(), batches, 400);
    state.counters["cpu_us_an_outcome"] =
        static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC * 1e6 / static_cast<double>(sent);
    state.counters["outcomes_a_s"] = static_cast<double>(sent) / seconds_since(start);
    start = std::chrono::steady_clock::now();
    benchmark::DoNotOptimize(counts_of(*bench.store().read(), kCampaign));
    benchmark::DoNotOptimize(reasons_of(*bench.store().read(), kCampaign));
    state.counters["status_ms"] = seconds_since(start) * 1000;
    start = std::chrono::steady_clock::now();
    bench.store().write_now([](store::Connection& db) { cancel(db, kCampaign); });
    state.counters["cancel_ms"] = seconds_since(start) * 1000;
    start = std::chrono::steady_clock::now();
    std::int64_t settled = 1;
    while (settled > 0) {
      bench.store().write_now([&](store::Connection& db) { settled = settle_cancelled(db, kNow); });
    }
    state.counters["settle_s"] = seconds_since(start);
    state.counters["waiting"] = static_cast<double>(counts_of(*bench.store().read(), kCampaign).waiting);
  }
}
BENCHMARK(campaign_of_a_million)
    ->Args({0, 2000})
    ->Args({0, 100'000})
    ->Args({1, 2000})
    ->Iterations(1)
    ->UseRealTime()
    ->Unit(benchmark::kSecond);

}  // namespace
}  // namespace todoku::queue
