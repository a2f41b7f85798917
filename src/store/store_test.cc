#include "store/store.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <atomic>
#include <future>
#include <latch>
#include <thread>

#include "store/test_store.h"

namespace todoku::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class StoreOpenTest : public StoreTest {
 protected:
  StoreOpenTest() { run("create table note (n bigint primary key)"); }
  static void add(Connection& db, std::int64_t n) { db.execute("insert into note (n) values (?1)", {n}); }
  std::vector<std::int64_t> notes() {
    std::vector<std::int64_t> all;
    const Lease db = store().read();
    Rows rows = db->query("select n from note order by n");
    while (rows.next()) all.push_back(rows.integer(0));
    return all;
  }
  /// The kind of failure that a job ends with, or nothing.
  std::optional<Failure::Kind> failure_of(const Store::Job& job) {
    try {
      store().write_now(job);
    } catch (const Failure& failure) {
      return failure.kind();
    }
    return std::nullopt;
  }
};
TODOKU_ON_BOTH_ENGINES(StoreOpenTest);

/// Keeps the writer busy until released, so that what is added meanwhile becomes one group.
class Gate {
 public:
  explicit Gate(Store& store) {
    store.write([this](Connection&) { released_.get_future().wait(); }, {});
  }
  void release() { released_.set_value(); }

 private:
  std::promise<void> released_;
};

TEST_P(StoreOpenTest, AFailingJobFailsAlone) {
  std::vector<int> failed;
  std::latch done(4);
  Gate gate(store());
  for (const int n : {1, 2, 2, 3}) {
    store().write([n](Connection& db) { add(db, n); },
                  [&, n](const std::exception_ptr& error) {
                    if (error) failed.push_back(n);
                    done.count_down();
                  });
  }
  gate.release();
  done.wait();
  EXPECT_THAT(failed, ElementsAre(2));
  EXPECT_THAT(notes(), ElementsAre(1, 2, 3));
}

TEST_P(StoreOpenTest, AnyExceptionReachesWhoWaits) {
  EXPECT_THROW(store().write_now([](Connection& db) {
    add(db, 1);
    throw std::out_of_range("mine");
  }),
               std::out_of_range);
  EXPECT_THAT(notes(), ElementsAre());
}

TEST_P(StoreOpenTest, CommittedMeansVisibleToOthers) {
  std::promise<std::int64_t> seen;
  store().write(
      [](Connection& db) { add(db, 1); },
      [&](const std::exception_ptr&) { seen.set_value(*store().read()->query_integer("select count(*) from note")); });
  EXPECT_EQ(seen.get_future().get(), 1);
}

TEST_P(StoreOpenTest, AConflictIsRunAgain) {
  int runs = 0;
  store().write_now([&](Connection& db) {
    add(db, ++runs);
    if (runs < 3) throw Failure(Failure::Kind::busy, "could not serialize");
  });
  EXPECT_EQ(runs, 3);
  EXPECT_THAT(notes(), ElementsAre(3));
}

TEST_P(StoreOpenTest, AConflictWithoutEndIsReported) {
  EXPECT_EQ(failure_of([](Connection&) { throw Failure(Failure::Kind::busy, "never"); }), Failure::Kind::busy);
  EXPECT_EQ(failure_of([](Connection& db) { add(db, 1); }), std::nullopt);
}

TEST_P(StoreOpenTest, WhatWaitsIsStoredBeforeTheEnd) {
  for (int n = 0; n < 500; ++n) store().write([n](Connection& db) { add(db, n); }, {});
  reopen();
  EXPECT_EQ(notes().size(), 500U);
}

TEST_P(StoreOpenTest, CallbacksMayAddJobs) {
  std::promise<void> done;
  store().write([](Connection& db) { add(db, 1); },
                [&](const std::exception_ptr&) {
                  store().write([](Connection& db) { add(db, 2); },
                                [&](const std::exception_ptr&) { done.set_value(); });
                });
  done.get_future().wait();
  EXPECT_THAT(notes(), ElementsAre(1, 2));
}

TEST_P(StoreOpenTest, ManyThreadsWriteMoreThanTheQueueHolds) {
  // PostgreSQL pays a round trip a job; that the queue blocks and goes on does not depend on the engine.
  const int jobs = GetParam() == Engine::sqlite ? 3000 : 300;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([this, t, jobs] {
        for (int n = 0; n < jobs; ++n) {
          store().write([key = t * 10'000 + n](Connection& db) { add(db, key); }, {});
        }
      });
    }
  }
  store().write_now([](Connection&) {});
  EXPECT_EQ(notes().size(), static_cast<std::size_t>(4 * jobs));
}

TEST_P(StoreOpenTest, ReadersAreWaitedFor) {
  std::vector<Lease> all;
  for (int n = 0; n < options().readers; ++n) all.push_back(store().read());
  std::jthread waiting([this] { EXPECT_EQ(store().read()->query_integer("select 1"), 1); });
  all.clear();
}

TEST_P(StoreOpenTest, ALostServerFailsTheGroupAndIsFoundAgain) {
  if (GetParam() == Engine::sqlite) GTEST_SKIP() << "a file is not lost";
  const auto die = [](Connection& db) {
    add(db, 1);
    (void)db.query("select pg_terminate_backend(pg_backend_pid())");
  };
  EXPECT_EQ(failure_of(die), Failure::Kind::lost);
  EXPECT_EQ(failure_of([](Connection& db) { add(db, 2); }), std::nullopt);
  {
    const Lease reader = store().read();
    (void)reader->query("select pg_terminate_backend(pg_backend_pid())");
    EXPECT_THROW((void)reader->query("select 1"), Failure);
  }
  EXPECT_THAT(notes(), ElementsAre(2));
}

TEST_P(StoreOpenTest, AnotherDatabaseInItsPlaceIsNotWrittenTo) {
  if (GetParam() == Engine::sqlite) GTEST_SKIP() << "the file stays open";
  run("update schema_version set name = 'a standby without our data' where version = 0");
  const auto die = [](Connection& db) { (void)db.query("select pg_terminate_backend(pg_backend_pid())"); };
  EXPECT_EQ(failure_of(die), Failure::Kind::lost);
  EXPECT_EQ(failure_of([](Connection& db) { add(db, 1); }), Failure::Kind::replaced);
  EXPECT_THROW(notes(), Failure);
  postgres::PostgresConnection direct({options().url, options().schema}, postgres::Access::read);
  EXPECT_EQ(direct.query_integer("select count(*) from note"), 0);
}

class SqliteStoreTest : public StoreOpenTest {};
INSTANTIATE_TEST_SUITE_P(On, SqliteStoreTest, testing::Values(Engine::sqlite), engine_name);

TEST_P(SqliteStoreTest, OnlyOneIsExclusive) {
  TestPlace elsewhere(Engine::sqlite);
  Options exclusive = elsewhere.options();
  exclusive.exclusive = true;
  auto first = open_or_throw(exclusive);
  const auto second = Store::open(exclusive);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, base::ErrorCode::refused);
  EXPECT_THAT(second.error().text(), HasSubstr("pid " + std::to_string(::getpid())));
  open_or_throw(elsewhere.options())->write_now([](Connection& db) { db.script("create table beside (n bigint)"); });
  first.reset();
  EXPECT_TRUE(Store::open(exclusive).ok());
}

/// Without turns the second one would be starved by a writer that never pauses, until SQLite's time limit.
TEST_P(SqliteStoreTest, ASecondWriterGetsItsTurn) {
  std::atomic<bool> stop = false;
  std::atomic<std::int64_t> written = 0;
  std::function<void()> flood = [&] {
    store().write([&](Connection& db) { add(db, 1'000'000 + written++); },
                  [&](const std::exception_ptr& error) {
                    EXPECT_FALSE(error);
                    if (!stop) flood();
                  });
  };
  flood();
  {
    const auto other = open_or_throw(options());
    for (int n = 0; n < 20; ++n) other->write_now([n](Connection& db) { add(db, n); });
  }
  stop = true;
  store().write_now([](Connection&) {});
  EXPECT_EQ(store().read()->query_integer("select count(*) from note where n < 1000000"), 20);
  EXPECT_GT(written, 20);
}

TEST_P(SqliteStoreTest, NobodyElseCanReadTheFiles) {
  const mode_t before = ::umask(0);
  {
    TestPlace place(Engine::sqlite);
    const auto store = open_or_throw(place.options());
    store->write_now([](Connection& db) { db.script("create table t (n bigint); insert into t values (1)"); });
    const auto mode = [](const std::filesystem::path& path) {
      struct stat status{};
      EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
      return status.st_mode & 0777;
    };
    EXPECT_EQ(mode(place.options().folder), 0700U);
    for (const auto& entry : std::filesystem::directory_iterator(place.options().folder)) {
      EXPECT_EQ(mode(entry.path()), 0600U) << entry.path();
    }
  }
  ::umask(before);
}

TEST_P(SqliteStoreTest, AFolderThatCannotBeIsAnErrorWithAHint) {
  Options options;
  options.folder = "/proc/todoku";
  const auto opened = Store::open(options);
  ASSERT_FALSE(opened.ok());
  EXPECT_THAT(opened.error().text(), HasSubstr("/proc/todoku"));
  EXPECT_NE(opened.error().hint, "");
}

TEST(PostgresStoreTest, AServerThatIsNotThereIsAnErrorWithAHint) {
  Options options;
  options.url = "postgresql://127.0.0.1:1/nothing";
  const auto opened = Store::open(options);
  ASSERT_FALSE(opened.ok());
  EXPECT_THAT(opened.error().text(), HasSubstr("URL"));
}

}  // namespace
}  // namespace todoku::store
