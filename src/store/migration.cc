#include "store/migration.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <random>

#include "base/clock.h"
#include "base/log.h"

namespace todoku::store {
namespace {

// Row 0 carries the database's identity as its name.
constexpr std::string_view kVersionTable =
    "create table if not exists schema_version (version bigint primary key, name text not null, at bigint not null)";
constexpr std::string_view kInsertVersion = "insert into schema_version (version, name, at) values (?1, ?2, ?3)";

bool has_version_table(Connection& db) {
  const auto* sql = db.engine() == Engine::sqlite
                        ? "select count(*) from sqlite_master where type = 'table' and name = 'schema_version'"
                        : "select count(*) from pg_tables where schemaname = current_schema() "
                          "and tablename = 'schema_version'";
  return db.query_integer(sql) != 0;
}

std::string random_word() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

base::Time now() { return base::SystemClock().now(); }

/// SQLite's write transaction is lock enough; on PostgreSQL two programs that start at once meet here.
void lock(Connection& db) {
  if (db.engine() != Engine::postgres) return;
  (void)db.query_integer("select 1 from (select pg_advisory_xact_lock(7499622, hashtext(current_schema()))) as locked");
}

void make_version_table(Connection& db) {
  Transaction transaction(db);
  lock(db);
  if (!has_version_table(db)) {
    db.execute(kVersionTable);
    db.execute(kInsertVersion, {0, random_word(), now()});
  }
  transaction.commit();
}

void take(Connection& db, const Migration& migration) {
  Transaction transaction(db);
  lock(db);
  if (schema_version(db) >= migration.number) return;  // another process was faster
  db.script(migration.sql);
  db.execute(kInsertVersion, {migration.number, migration.name, now()});
  transaction.commit();
  base::log::info("store.migrated", {{"version", migration.number}, {"name", migration.name}});
}

}  // namespace

std::vector<Migration> migrations_of(std::span<const base::EmbeddedFile> files) {
  std::vector<Migration> migrations;
  for (const base::EmbeddedFile& file : files) {
    std::string_view name = file.path;
    if (!name.ends_with(".sql")) continue;
    name.remove_suffix(4);
    Migration migration{0, {}, file.content};
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), migration.number);
    if (error != std::errc() || !name.substr(static_cast<std::size_t>(end - name.data())).starts_with('-')) continue;
    migration.name = name.substr(static_cast<std::size_t>(end - name.data()) + 1);
    migrations.push_back(migration);
  }
  std::ranges::sort(migrations, {}, &Migration::number);
  assert(std::ranges::adjacent_find(migrations, {}, &Migration::number) == migrations.end());
  return migrations;
}

std::int64_t schema_version(Connection& db) {
  if (!has_version_table(db)) return 0;
  return db.query_integer("select max(version) from schema_version").value_or(0);
}

std::string database_identity(Connection& db) {
  if (!has_version_table(db)) return {};
  return db.query_text("select name from schema_version where version = 0").value_or(std::string());
}

base::Result<void> check_not_newer(std::int64_t version, std::span<const Migration> migrations) {
  const std::int64_t known = migrations.empty() ? 0 : migrations.back().number;
  if (version <= known) return base::done;
  return base::Error{base::ErrorCode::refused,
                     fmt::format("the database has version {}, this program knows only up to {}", version, known),
                     "install the newer Todoku again, or restore the backup that was made before the migration", ""};
}

base::Result<void> migrate(Connection& db, std::span<const Migration> migrations) {
  std::string step = "schema_version";
  try {
    make_version_table(db);
    const std::int64_t version = schema_version(db);
    if (auto newer = check_not_newer(version, migrations); !newer) return newer;
    for (const Migration& migration : migrations) {
      step = fmt::format("{:04}-{}.sql", migration.number, migration.name);
      if (migration.number > version) take(db, migration);
    }
    return base::done;
  } catch (const Failure& failure) {
    return base::Error{base::ErrorCode::io, fmt::format("the migration failed: {}", failure.what()),
                       "the database is still at its version before; the program of that version runs with it", step};
  }
}

}  // namespace todoku::store
