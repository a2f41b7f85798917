#include "store/connection.h"

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "store/test_store.h"

namespace todoku::store {
namespace {

class ConnectionTest : public StoreTest {
 protected:
  ConnectionTest() {
    run("create table thing (id $identity, word text unique, n bigint, share double precision, body bytea, "
        "extra jsonb)");
  }

  std::int64_t count() { return *store().read()->query_integer("select count(*) from thing"); }
};
TODOKU_ON_BOTH_ENGINES(ConnectionTest);

TEST_P(ConnectionTest, EveryKindOfValueComesBackAsItWent) {
  const std::string body("\0\x01\xFF\\x'\n", 7);
  store().write_now([&](Connection& db) {
    EXPECT_EQ(db.execute("insert into thing (word, n, share, body, extra) values (?1, ?2, ?3, ?4, ?5)",
                         {"届く\t\\N'", std::int64_t{-9'007'199'254'740'993}, 0.1, Bytes{body}, R"({"a": "ä"})"}),
              1);
    EXPECT_EQ(db.execute("insert into thing (word, n, share, body, extra) values (?1, ?2, ?3, ?4, ?5)",
                         {Null{}, Null{}, Null{}, Null{}, Null{}}),
              1);
  });
  const Lease db = store().read();
  Rows rows = db->query("select word, n, share, body, extra ->> 'a' from thing order by id");
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(rows.text(0), "届く\t\\N'");
  EXPECT_EQ(rows.integer(1), -9'007'199'254'740'993);
  EXPECT_EQ(rows.real(2), 0.1);
  EXPECT_EQ(rows.bytes(3), body);
  EXPECT_EQ(rows.text(4), "ä");
  ASSERT_TRUE(rows.next());
  for (int column = 0; column < 4; ++column) EXPECT_TRUE(rows.is_null(column));
  EXPECT_EQ(rows.integer(1), 0);
  EXPECT_EQ(rows.text(0), "");
  EXPECT_FALSE(rows.next());
  EXPECT_FALSE(rows.next());
}

TEST_P(ConnectionTest, LoadsWhatInsertsWouldStore) {
  const std::string body("\0\xFE\t\n\\", 5);
  store().write_now([&](Connection& db) {
    const auto load = db.load("thing", "word, n, share, body, extra");
    load->row({"tab\tline\nback\\slash\r", 1, 2.5, Bytes{body}, R"({"a": "\t"})"});
    load->row({Null{}, Null{}, Null{}, Null{}, Null{}});
    load->row({"", 0, -0.0, Bytes{""}, "{}"});
    load->finish();
  });
  const Lease db = store().read();
  Rows rows = db->query("select word, n, share, body, extra ->> 'a' from thing order by id");
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(rows.text(0), "tab\tline\nback\\slash\r");
  EXPECT_EQ(rows.bytes(3), body);
  EXPECT_EQ(rows.text(4), "\t");
  ASSERT_TRUE(rows.next());
  EXPECT_TRUE(rows.is_null(0));
  ASSERT_TRUE(rows.next());
  EXPECT_FALSE(rows.is_null(0));
  EXPECT_FALSE(rows.is_null(3));
  EXPECT_EQ(rows.bytes(3), "");
}

TEST_P(ConnectionTest, AListIsOneParameter) {
  store().write_now([](Connection& db) {
    const auto load = db.load("thing", "n");
    for (int n = 0; n < 100; ++n) load->row({n});
    load->finish();
  });
  const std::vector<std::int64_t> wanted = {3, 5, 99, 1000, -1};
  const Lease db = store().read();
  EXPECT_EQ(db->query_integer("select count(*) from thing where n in in_list(?1)", {Integers{wanted}}), 3);
  EXPECT_EQ(db->query_integer("select count(*) from thing where n in (in_list(?1)) and n > ?2", {Integers{wanted}, 4}),
            2);
  EXPECT_EQ(
      db->query_integer("select count(*) from in_list(?1) l left join thing t on t.n = l.value where t.id is null",
                        {Integers{wanted}}),
      2);
  EXPECT_EQ(db->query_integer("select count(*) from thing where n in in_list(?1)", {Integers{}}), 0);
}

TEST_P(ConnectionTest, ReturningRunsAtOnceAndGivesTheNumber) {
  store().write_now([](Connection& db) {
    EXPECT_EQ(db.query_integer("insert into thing (word) values (?1) returning id", {"a"}), 1);
    (void)db.query("insert into thing (word) values (?1) returning id", {"b"});
    EXPECT_EQ(db.query_integer("select max(id) from thing"), 2);
    EXPECT_EQ(db.execute("update thing set n = ?1 where n is null", {7}), 2);
    EXPECT_EQ(db.execute("delete from thing where n = ?1", {8}), 0);
  });
}

TEST_P(ConnectionTest, OpenRowsKeepTheConnection) {
  const Lease db = store().read();
  {
    Rows rows = db->query("select 1 union all select 2");
    ASSERT_TRUE(rows.next());
    EXPECT_THROW((void)db->query("select 3"), Failure);
    ASSERT_TRUE(rows.next());
  }
  EXPECT_EQ(db->query_integer("select 3"), 3);
}

TEST_P(ConnectionTest, ReadersCannotWrite) {
  const Lease db = store().read();
  EXPECT_THROW(db->execute("insert into thing (n) values (1)"), Failure);
  EXPECT_EQ(count(), 0);
}

TEST_P(ConnectionTest, FailuresSayWhatTheyAre) {
  const auto kind_of = [&](const std::function<void(Connection&)>& job) {
    try {
      store().write_now(job);
    } catch (const Failure& failure) {
      return failure.kind();
    }
    return Failure::Kind::full;
  };
  run("insert into thing (word) values ('taken')");
  EXPECT_EQ(kind_of([](Connection& db) { db.execute("insert into thing (word) values ('taken')"); }),
            Failure::Kind::constraint);
  EXPECT_EQ(kind_of([](Connection& db) { db.execute("selec 1"); }), Failure::Kind::statement);
  EXPECT_EQ(kind_of([](Connection& db) { db.execute("delete from thing where n = ?1"); }), Failure::Kind::statement);
  EXPECT_EQ(kind_of([](Connection& db) { db.execute("delete from thing; delete from thing"); }),
            Failure::Kind::statement);
  const std::string nul("a\0b", 3);
  EXPECT_EQ(kind_of([&](Connection& db) { db.execute("insert into thing (word) values (?1)", {nul}); }),
            Failure::Kind::statement);
  EXPECT_EQ(kind_of([&](Connection& db) { db.execute("insert into thing (word) values (?1)", {"\xFF"}); }),
            Failure::Kind::statement);
  EXPECT_EQ(count(), 1);
}

constexpr std::string_view kAdd = "insert into thing (word) values (?1)";

TEST_P(ConnectionTest, WhatIsPutOffIsDoneInItsOrderBeforeTheNext) {
  store().write_now([](Connection& db) {
    db.execute_later(kAdd, {"a"});
    db.execute_later("update thing set n = 1 where word = ?1", {"a"});
    EXPECT_EQ(db.query_integer("select count(*) from thing where n = 1"), 1);
    db.execute_later(kAdd, {"b"});
    EXPECT_EQ(db.execute("update thing set n = 2"), 2);
    db.execute_later(kAdd, {"c"});
    const auto load = db.load("thing", "word");
    load->row({"d"});
    load->finish();
    db.execute_later(kAdd, {"e"});  // goes with the commit
  });
  EXPECT_EQ(count(), 5);
}

TEST_P(ConnectionTest, ManyMayBePutOff) {
  static constexpr int kMany = 5000;
  store().write_now([](Connection& db) {
    for (int i = 0; i < kMany; ++i) db.execute_later(kAdd, {std::to_string(i) + std::string(1000, 'x')});
    EXPECT_EQ(db.query_integer("select count(*) from thing"), kMany);
  });
  EXPECT_EQ(count(), kMany);
}

TEST_P(ConnectionTest, WhatIsPutOffFailsWithTheNextOrTheCommit) {
  store().write_now([](Connection& db) { db.execute(kAdd, {"a"}); });
  const auto kind_of = [this](const std::function<void(Connection&)>& next) {
    try {
      store().write_now([&](Connection& db) {
        db.execute_later(kAdd, {"x"});
        db.execute_later(kAdd, {"a"});
        db.execute_later(kAdd, {"y"});
        next(db);
      });
    } catch (const Failure& failure) {
      return std::optional(failure.kind());
    }
    return std::optional<Failure::Kind>();
  };
  EXPECT_EQ(kind_of([](Connection&) {}), Failure::Kind::constraint);
  EXPECT_EQ(kind_of([](Connection& db) { db.execute(kAdd, {"z"}); }), Failure::Kind::constraint);
  EXPECT_EQ(kind_of([](Connection& db) { (void)db.query_integer("select 1"); }), Failure::Kind::constraint);
  EXPECT_EQ(kind_of([](Connection& db) { (void)db.load("thing", "word"); }), Failure::Kind::constraint);
  EXPECT_EQ(count(), 1) << "nothing of it is left, and the connection is as good as before";
  // Rows may be given up with the rest of the answers unread.
  store().write_now([](Connection& db) {
    db.execute_later(kAdd, {"b"});
    {
      Rows rows = db.query("select id from thing union all select id + 10 from thing");
    }
    db.execute_later(kAdd, {"c"});
  });
  EXPECT_EQ(count(), 3);
}

TEST_P(ConnectionTest, AnIntegerForATextBecomesItsDigits) {
  store().write_now([](Connection& db) { db.execute("insert into thing (word) values (?1)", {-12}); });
  EXPECT_EQ(store().read()->query_text("select word from thing"), "-12");
}

TEST_P(ConnectionTest, InnerTransactionsRollBackAlone) {
  store().write_now([](Connection& db) {
    db.execute("insert into thing (n) values (1)");
    {
      const Transaction inner(db);
      db.execute("insert into thing (n) values (2)");
    }
    try {
      Transaction inner(db);
      db.execute("insert into thing (n) values (3)");
      db.execute("insert into thing (id) select id from thing");
      inner.commit();
      ADD_FAILURE() << "the key is taken";
    } catch (const Failure&) {  // NOLINT(bugprone-empty-catch): as it should
    }
    Transaction inner(db);
    db.execute("insert into thing (n) values (4)");
    inner.commit();
  });
  EXPECT_EQ(store().read()->query_integer("select sum(n) from thing"), 5);
}

TEST_P(ConnectionTest, ATransactionOfAReaderSeesOneMoment) {
  const Lease db = store().read();
  const Transaction transaction(*db);
  EXPECT_EQ(db->query_integer("select count(*) from thing"), 0);
  run("insert into thing (n) values (1)");
  EXPECT_EQ(db->query_integer("select count(*) from thing"), 0);
  EXPECT_EQ(count(), 1);
}

TEST_P(ConnectionTest, ALoadGivenUpLeavesNothing) {
  EXPECT_THROW(store().write_now([](Connection& db) {
    const auto load = db.load("thing", "n");
    load->row({1});
    throw std::runtime_error("the source ended");
  }),
               std::runtime_error);
  EXPECT_EQ(count(), 0);
}

TEST_P(ConnectionTest, MoreStatementsThanAreKeptPrepared) {
  const Lease db = store().read();
  for (int n = 0; n < 1000; ++n) {
    EXPECT_EQ(db->query_integer("select " + std::to_string(n) + " + ?1", {1}), n + 1);
  }
}

TEST_P(ConnectionTest, ManyRowsPassOneByOne) {
  const Lease db = store().read();
  Rows rows = db->query(
      "with recursive n(i) as (select 1 union all select i + 1 from n where i < 100000) select i, 'x' from n");
  std::int64_t sum = 0;
  while (rows.next()) sum += rows.integer(0);
  EXPECT_EQ(sum, 5'000'050'000);
}

}  // namespace
}  // namespace todoku::store
