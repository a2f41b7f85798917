#include "store/migration.h"

#include <gmock/gmock.h>
#include <sys/wait.h>

#include <array>
#include <csignal>
#include <thread>

#include "store/open_store.h"
#include "store/sqlite/sqlite_connection.h"
#include "store/sqlite/sqlite_folder.h"
#include "store/test_store.h"

namespace todoku::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr Migration kFirst{1, "first",
                           "create table pet (id $identity, name text);\ninsert into pet (name) values ('Kuro')"};
constexpr Migration kSecond{2, "second", "alter table pet add column age bigint; update pet set age = 7"};
constexpr Migration kBroken{2, "broken", "alter table pet add column age bigint; update pet set nothing = 7"};
constexpr std::array<Migration, 1> kOld = {kFirst};
constexpr std::array<Migration, 2> kNew = {kFirst, kSecond};
constexpr std::array<Migration, 2> kFailing = {kFirst, kBroken};

/// Kills the process in the middle of migration 2: all its statements are done, the commit is not.
class DyingConnection final : public Connection {
 public:
  explicit DyingConnection(Connection& to) : to_(to) {}
  using Connection::execute;
  using Connection::query;
  [[nodiscard]] Engine engine() const override { return to_.engine(); }
  [[nodiscard]] Rows query(std::string_view sql, std::span<const Value> parameters) override {
    return to_.query(sql, parameters);
  }
  std::int64_t execute(std::string_view sql, std::span<const Value> parameters) override {
    const std::int64_t n = to_.execute(sql, parameters);
    if (sql.starts_with("insert into schema_version") && std::get<std::int64_t>(parameters[0].state()) == 2) {
      ::kill(::getpid(), SIGKILL);
    }
    return n;
  }
  [[nodiscard]] std::unique_ptr<BulkLoad> load(std::string_view table, std::string_view columns) override {
    return to_.load(table, columns);
  }
  void script(std::string_view sql) override { to_.script(sql); }
  [[nodiscard]] bool usable() const override { return to_.usable(); }

 protected:
  void begin() override { to_.script("begin"); }
  void commit() override { to_.script("commit"); }
  void rollback() noexcept override {
    try {
      to_.script("rollback");
    } catch (const Failure& failure) {
      ADD_FAILURE() << failure.what();
    }
  }

 private:
  Connection& to_;
};

class MigrationTest : public testing::TestWithParam<Engine> {
 protected:
  MigrationTest() : place_(GetParam()) {}

  base::Result<std::unique_ptr<Store>> open(std::span<const Migration> migrations) {
    return open_store(place_.options(), migrations);
  }
  std::unique_ptr<Store> open_well(std::span<const Migration> migrations) {
    auto opened = open(migrations);
    if (!opened) throw std::runtime_error(opened.error().text());
    return std::move(opened).value();
  }
  void die_in_migration() {
    const pid_t child = ::fork();
    if (child == 0) {
      std::unique_ptr<Connection> db;
      if (GetParam() == Engine::sqlite) {
        db = std::make_unique<sqlite::SqliteConnection>(place_.options().folder / "todoku.db", sqlite::Access::write);
      } else {
        db = std::make_unique<postgres::PostgresConnection>(
            postgres::Target{place_.options().url, place_.options().schema}, postgres::Access::write);
      }
      DyingConnection dying(*db);
      (void)migrate(dying, kNew).ok();
      ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  }
  const TestPlace& place() const { return place_; }

 private:
  TestPlace place_;
};
TODOKU_ON_BOTH_ENGINES(MigrationTest);

TEST_P(MigrationTest, EachIsTakenOnce) {
  EXPECT_EQ(schema_version(*open_well(kOld)->read()), 1);
  EXPECT_EQ(schema_version(*open_well(kNew)->read()), 2);
  const auto store = open_well(kNew);
  const Lease db = store->read();
  EXPECT_EQ(db->query_integer("select count(*) from pet"), 1);
  EXPECT_EQ(db->query_integer("select age from pet"), 7);
}

TEST_P(MigrationTest, AFailingOneLeavesTheOldVersionUsable) {
  (void)open_well(kOld);
  const auto failed = open(kFailing);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().where, "0002-broken.sql");
  EXPECT_THAT(failed.error().message, HasSubstr("nothing"));
  const auto store = open_well(kOld);
  EXPECT_EQ(schema_version(*store->read()), 1);
  EXPECT_THROW((void)store->read()->query("select age from pet"), Failure);
  EXPECT_EQ(schema_version(*open_well(kNew)->read()), 2);
}

TEST_P(MigrationTest, AKillInTheMiddleLeavesTheOldVersionUsable) {
  (void)open_well(kOld);
  die_in_migration();
  {
    const auto store = open_well(kOld);
    EXPECT_EQ(store->read()->query_text("select name from pet"), "Kuro");
    EXPECT_THROW((void)store->read()->query("select age from pet"), Failure);
  }
  EXPECT_EQ(open_well(kNew)->read()->query_integer("select age from pet"), 7);
}

TEST_P(MigrationTest, ANewerDatabaseIsRefusedWithAHint) {
  (void)open_well(kNew);
  const auto opened = open(kOld);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, base::ErrorCode::refused);
  EXPECT_THAT(opened.error().text(), HasSubstr("version 2"));
  EXPECT_THAT(opened.error().text(), HasSubstr("newer Todoku"));
}

TEST_P(MigrationTest, ManyStartAtOnce) {
  std::vector<std::jthread> starters;
  for (int n = 0; n < 4; ++n) {
    starters.emplace_back([this] { EXPECT_EQ(schema_version(*open_well(kNew)->read()), 2); });
  }
  starters.clear();
  EXPECT_EQ(open_well(kNew)->read()->query_integer("select count(*) from pet"), 1);
}

TEST_P(MigrationTest, EveryDatabaseHasItsIdentity) {
  const std::string first = database_identity(*open_well(kOld)->read());
  EXPECT_EQ(first.size(), 32U);
  EXPECT_EQ(database_identity(*open_well(kNew)->read()), first);
}

TEST_P(MigrationTest, TheBuiltInOnesAreTaken) {
  const auto store = open_or_throw(place().options());
  EXPECT_EQ(schema_version(*store->read()), migrations_of(embedded_migrations()).back().number);
}

class SqliteMigrationTest : public MigrationTest {};
INSTANTIATE_TEST_SUITE_P(On, SqliteMigrationTest, testing::Values(Engine::sqlite), engine_name);

TEST_P(SqliteMigrationTest, TheFileIsKeptAsItWasBefore) {
  (void)open_well(kOld);
  const auto folder = place().options().folder;
  EXPECT_FALSE(std::filesystem::exists(folder / "todoku.db.before-0001")) << "there was nothing to keep";
  (void)open_well(kNew);
  sqlite::SqliteConnection backup(folder / "todoku.db.before-0002", sqlite::Access::write);
  EXPECT_EQ(schema_version(backup), 1);
  EXPECT_EQ(backup.query_text("select name from pet"), "Kuro");
  EXPECT_THROW((void)backup.query("select age from pet"), Failure);
}

TEST_P(SqliteMigrationTest, NotUnderAProcessAtWork) {
  Options exclusive = place().options();
  exclusive.exclusive = true;
  auto working = open_store(exclusive, kOld);
  ASSERT_TRUE(working.ok());
  const auto opened = open(kNew);
  ASSERT_FALSE(opened.ok());
  EXPECT_THAT(opened.error().text(), HasSubstr("end that process"));
  EXPECT_TRUE(open(kOld).ok());
}

TEST(Migrations, AreFilesWithNumbers) {
  const std::array<base::EmbeddedFile, 4> files = {
      {{"0002-b.sql", "B"}, {"README.md", "no"}, {"0001-a-b.sql", "A"}, {"x.sql", "no"}}};
  std::vector<std::string> found;
  for (const Migration& m : migrations_of(files)) {
    found.push_back(std::to_string(m.number) + std::string(m.name) + std::string(m.sql));
  }
  EXPECT_THAT(found, ElementsAre("1a-bA", "2bB"));
}

}  // namespace
}  // namespace todoku::store
