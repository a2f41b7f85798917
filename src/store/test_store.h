// A fresh store for each test, on SQLite always and on PostgreSQL where TODOKU_TEST_POSTGRES is set
// (tests/with-postgres).
//
//   class OrderTest : public store::StoreTest {};
//   TODOKU_ON_BOTH_ENGINES(OrderTest);
//   TEST_P(OrderTest, IsKept) { store().write_now([](store::Connection& db) { … }); }
#pragma once
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "store/postgres/postgres_connection.h"
#include "store/store.h"

namespace todoku::store {

/// Where tests find PostgreSQL; null: not here.
inline const char* test_postgres() {
  return std::getenv("TODOKU_TEST_POSTGRES");  // NOLINT(concurrency-mt-unsafe): nobody sets it
}

/// The engines that tests can run on here.
inline std::vector<Engine> test_engines() {
  std::vector<Engine> engines = {Engine::sqlite};
  if (test_postgres()) engines.push_back(Engine::postgres);
  return engines;
}

/// An empty folder or schema, removed at the end.
class TestPlace {
 public:
  explicit TestPlace(Engine engine) {
    // In memory where there is such a place: tests commit often, and do not test the disk.
    const std::filesystem::path memory = "/dev/shm";
    const bool fast = ::access(memory.c_str(), W_OK) == 0;
    std::string name = ((fast ? memory : std::filesystem::temp_directory_path()) / "todoku-test-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
    folder_ = name;
    options_.folder = folder_ / "data";
    if (engine == Engine::sqlite) return;
    options_.url = test_postgres();
    options_.schema = "test_" + name.substr(name.size() - 6) + std::to_string(::getpid());
  }
  TestPlace(const TestPlace&) = delete;
  TestPlace& operator=(const TestPlace&) = delete;
  ~TestPlace() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
    if (options_.url.empty()) return;
    postgres::PostgresConnection db({options_.url, ""}, postgres::Access::write);
    db.script("drop schema if exists \"" + options_.schema + "\" cascade");
  }
  [[nodiscard]] const Options& options() const { return options_; }
  /// Beside the data folder; for a test's own files.
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
  Options options_;
};

/// Opens, or throws the error's text.
inline std::unique_ptr<Store> open_or_throw(const Options& options) {
  auto opened = Store::open(options);
  if (!opened) throw std::runtime_error(opened.error().text());
  return std::move(opened).value();
}

class StoreTest : public testing::TestWithParam<Engine> {
 protected:
  StoreTest() : place_(GetParam()), store_(open_or_throw(place_.options())) {}

  Store& store() { return *store_; }
  [[nodiscard]] const Options& options() const { return place_.options(); }
  [[nodiscard]] const TestPlace& place() const { return place_; }
  /// Closes and opens again, as after a restart.
  void reopen() {
    store_.reset();
    store_ = open_or_throw(place_.options());
  }
  /// Runs SQL without parameters in the writer.
  void run(const std::string& sql) {
    store_->write_now([&](Connection& db) { db.script(sql); });
  }

 private:
  TestPlace place_;
  std::unique_ptr<Store> store_;
};

inline std::string engine_name(const testing::TestParamInfo<Engine>& info) {
  return info.param == Engine::sqlite ? "sqlite" : "postgres";
}

#define TODOKU_ON_BOTH_ENGINES(Fixture)                                                     \
  INSTANTIATE_TEST_SUITE_P(On, Fixture, testing::ValuesIn(::todoku::store::test_engines()), \
                           ::todoku::store::engine_name)

}  // namespace todoku::store
