// Small jobs through the group-committing writer, beside bare sqlite3 doing the same inserts, one a commit and all in
// one.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <atomic>
#include <ctime>
#include <filesystem>
#include <future>

#include "store/sqlite/sqlite_connection.h"
#include "store/store.h"

namespace todoku::store {
namespace {

// On the disk that the data folder would be on: fsync is part of what is measured.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::current_path() / "store-bench-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

constexpr const char* kTable =
    "create table row (id $identity, campaign bigint, contact bigint, result bigint, text text)";
constexpr std::string_view kInsert = "insert into row (campaign, contact, result, text) values (?1, ?2, ?3, ?4)";
constexpr std::string_view kText = "250 2.0.0 Ok: queued as 4F1A2B3C4D";

Options options_for(const Folder& folder, std::int64_t engine) {
  Options options;
  options.folder = folder.path() / "data";
  if (engine == 1) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets it
    options.url = std::getenv("TODOKU_TEST_POSTGRES");
    options.schema = "bench";
  }
  return options;
}

/// range(0): engine, range(1): jobs that wait at a time, as sessions do that go on when their outcome is stored.
void writer_jobs(benchmark::State& state) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets it
  if (state.range(0) == 1 && !std::getenv("TODOKU_TEST_POSTGRES")) return state.SkipWithError("no PostgreSQL");
  const Folder folder;
  auto store = Store::open(options_for(folder, state.range(0))).value();
  store->write_now([](Connection& db) {
    db.script("drop table if exists row");
    db.script(kTable);
  });
  const std::int64_t jobs = state.range(0) == 0 ? 100'000 : 20'000;
  const std::clock_t cpu = std::clock();
  for (auto _ : state) {
    std::atomic<std::int64_t> begun = 0, ended = 0;
    std::promise<void> all;
    std::function<void()> next = [&] {
      const std::int64_t n = begun++;
      if (n >= jobs) return;
      store->write([n](Connection& db) { db.execute(kInsert, {7, n, 0, kText}); },
                   [&](const std::exception_ptr&) {
                     if (++ended == jobs) return all.set_value();
                     next();
                   });
    };
    for (std::int64_t n = 0; n < state.range(1); ++n) next();
    all.get_future().wait();
  }
  state.SetItemsProcessed(state.iterations() * jobs);
  state.counters["cpu_us_a_job"] =
      static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC * 1e6 / static_cast<double>(jobs);
}
BENCHMARK(writer_jobs)
    ->Args({0, 50})
    ->Args({0, 1000})
    ->Args({0, 9000})
    ->Args({1, 1000})
    ->Iterations(1)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

/// The floor: sqlite3 alone, the same pragmas; range(0) inserts a transaction.
void bare_sqlite(benchmark::State& state) {
  const Folder folder;
  sqlite3* db = nullptr;
  sqlite3_open((folder.path() / "bare.db").c_str(), &db);
  sqlite3_exec(db,
               "pragma journal_mode=wal; pragma synchronous=full; pragma wal_autocheckpoint=4000;"
               "create table row (id integer primary key autoincrement, campaign bigint, contact bigint, "
               "result bigint, text text)",
               nullptr, nullptr, nullptr);
  sqlite3_stmt* insert = nullptr;
  sqlite3_prepare_v2(db, kInsert.data(), -1, &insert, nullptr);
  const std::int64_t rows = state.range(0) == 1 ? 1000 : 100'000;
  const std::clock_t cpu = std::clock();
  for (auto _ : state) {
    for (std::int64_t n = 0; n < rows; ++n) {
      if (n % state.range(0) == 0) sqlite3_exec(db, "begin immediate", nullptr, nullptr, nullptr);
      sqlite3_bind_int64(insert, 1, 7);
      sqlite3_bind_int64(insert, 2, n);
      sqlite3_bind_int64(insert, 3, 0);
      sqlite3_bind_text(insert, 4, kText.data(), static_cast<int>(kText.size()), SQLITE_STATIC);
      sqlite3_step(insert);
      sqlite3_reset(insert);
      if ((n + 1) % state.range(0) == 0) sqlite3_exec(db, "commit", nullptr, nullptr, nullptr);
    }
  }
  sqlite3_finalize(insert);
  sqlite3_close(db);
  state.SetItemsProcessed(state.iterations() * rows);
  state.counters["cpu_us_a_job"] =
      static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC * 1e6 / static_cast<double>(rows);
}
BENCHMARK(bare_sqlite)->Arg(1)->Arg(1000)->Arg(100'000)->Iterations(1)->UseRealTime()->Unit(benchmark::kMillisecond);

void bulk_load(benchmark::State& state) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets it
  if (state.range(0) == 1 && !std::getenv("TODOKU_TEST_POSTGRES")) return state.SkipWithError("no PostgreSQL");
  const Folder folder;
  auto store = Store::open(options_for(folder, state.range(0))).value();
  store->write_now([](Connection& db) {
    db.script("drop table if exists row");
    db.script(kTable);
  });
  constexpr std::int64_t kRows = 300'000;
  for (auto _ : state) {
    store->write_now([](Connection& db) {
      const auto load = db.load("row", "campaign, contact, result, text");
      for (std::int64_t n = 0; n < kRows; ++n) load->row({7, n, 0, kText});
      load->finish();
    });
  }
  state.SetItemsProcessed(state.iterations() * kRows);
}
BENCHMARK(bulk_load)->Arg(0)->Arg(1)->Iterations(1)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace todoku::store
