#include "store/sqlite/log_room.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <set>
#include <string>

#include "store/sqlite/sqlite_connection.h"
#include "store/test_store.h"

namespace todoku::store::sqlite {
namespace {

class LogRoomTest : public ::testing::Test {
 protected:
  LogRoomTest() {
    ::close(::open(file_.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
    db_ = std::make_unique<SqliteConnection>(file_, Access::write);
    db_->script("create table thing (id integer primary key, body blob)");
  }

  void commit(int times) {
    const std::string body(9'000, 'x');
    for (; times > 0; --times) {
      Transaction transaction(*db_);
      db_->execute("insert into thing (body) values (?1)", {Bytes{body}});
      transaction.commit();
    }
  }

  [[nodiscard]] std::int64_t log_size() const {
    return static_cast<std::int64_t>(std::filesystem::file_size(file_.string() + "-wal"));
  }

  TestPlace place_{Engine::sqlite};
  std::filesystem::path file_ = place_.folder() / "todoku.db";
  std::unique_ptr<SqliteConnection> db_;
};

TEST_F(LogRoomTest, ABusyLogGrowsInSteps) {
  commit(100);
  std::set<std::int64_t> sizes;
  for (int n = 0; n < 300; ++n) {
    commit(1);
    sizes.insert(log_size());
  }
  EXPECT_LT(sizes.size(), 20u);
}

TEST_F(LogRoomTest, AQuietLogStaysSmall) {
  commit(5);
  EXPECT_LT(log_size(), 64 * 4120);
}

TEST_F(LogRoomTest, TheRoomIsTheEndToWhoeverReadsTheLogAfterACrash) {
  commit(333);
  const std::filesystem::path copy = place_.folder() / "copy.db";
  std::filesystem::copy_file(file_, copy);
  std::filesystem::copy_file(file_.string() + "-wal", copy.string() + "-wal");
  SqliteConnection again(copy, Access::write);
  EXPECT_EQ(again.query_integer("select count(*) from thing"), 333);
  EXPECT_EQ(again.query_text("pragma integrity_check"), "ok");
}

TEST_F(LogRoomTest, TheLogIsMovedIntoTheDatabaseAndUsedAgain) {
  commit(6'000);  // some 24,000 pages
  EXPECT_LT(log_size(), 20'000 * 4120);
  EXPECT_EQ(db_->query_integer("select count(*) from thing"), 6'000);
}

TEST_F(LogRoomTest, WithoutSpaceForRoomWhatFitsIsStillCommitted) {
  commit(100);
  const std::int64_t before = log_size();
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit old{};
  ::getrlimit(RLIMIT_FSIZE, &old);
  const rlimit little{static_cast<rlim_t>(before + 100'000), old.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &little);
  int done = 0;
  std::string problem;
  try {
    for (; done < 10'000; ++done) commit(1);
  } catch (const Failure& failure) {
    problem = failure.what();
  }
  ::setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, handler);
  EXPECT_GE(done, 6);  // as much as 100,000 bytes hold
  EXPECT_NE(problem, "");
  EXPECT_EQ(db_->query_integer("select count(*) from thing"), 100 + done);
  commit(1);
}

}  // namespace
}  // namespace todoku::store::sqlite
