#include "store/store.h"

#include <fmt/format.h>

#include <cassert>
#include <future>

#include "store/open_store.h"
#include "store/postgres/postgres_connection.h"
#include "store/reader_pool.h"
#include "store/sqlite/sqlite_connection.h"
#include "store/sqlite/sqlite_folder.h"
#include "store/writer.h"

namespace todoku::store {
namespace {

using Connect = std::function<std::unique_ptr<Connection>()>;

class OpenStore final : public Store {
 public:
  OpenStore(std::unique_ptr<sqlite::SqliteFolder> folder, Connect reader, const Connect& writer, int readers)
      : folder_(std::move(folder)),
        engine_(folder_ ? Engine::sqlite : Engine::postgres),
        readers_(std::move(reader), readers),
        writer_(writer, writer()) {}

  [[nodiscard]] Engine engine() const override { return engine_; }
  [[nodiscard]] Lease read() override { return readers_.take(); }
  void write(Job job, Committed committed) override { writer_.add(std::move(job), std::move(committed)); }

 private:
  std::unique_ptr<sqlite::SqliteFolder> folder_;  // null on PostgreSQL; holds the lock
  Engine engine_;
  ReaderPool readers_;
  Writer writer_;
};

/// Migrates, and connects writer and readers. A server that was replaced behind our back (a standby without our data)
/// must not be written to, so a new connection has to meet the same database again.
base::Result<std::unique_ptr<Store>> open_postgres(const Options& options, std::span<const Migration> migrations) {
  using postgres::PostgresConnection;
  const postgres::Target target{options.url, options.schema};
  std::string identity;
  {
    PostgresConnection db(target, postgres::Access::write);
    db.make_schema();
    if (auto migrated = migrate(db, migrations); !migrated) return migrated.error();
    identity = database_identity(db);
  }
  const auto connect = [target, identity](postgres::Access access) {
    auto connection = std::make_unique<PostgresConnection>(target, access);
    if (database_identity(*connection) != identity) {
      throw Failure(Failure::Kind::replaced,
                    "the server holds another database than the one that was opened; nothing was written to it");
    }
    return connection;
  };
  std::unique_ptr<Store> store = std::make_unique<OpenStore>(
      nullptr, [connect] { return connect(postgres::Access::read); },
      [connect] { return connect(postgres::Access::write); }, options.readers);
  return store;
}

base::Result<std::unique_ptr<Store>> open_sqlite(const Options& options, std::span<const Migration> migrations) {
  auto folder = std::make_unique<sqlite::SqliteFolder>(options.folder);
  if (options.exclusive) {
    if (auto locked = folder->lock_exclusively(); !locked) return locked.error();
  }
  if (auto migrated = folder->migrate(migrations); !migrated) return migrated.error();
  const auto connect = [file = folder->file()](sqlite::Access access) {
    return std::make_unique<sqlite::SqliteConnection>(file, access);
  };
  std::unique_ptr<Store> store = std::make_unique<OpenStore>(
      std::move(folder), [connect] { return connect(sqlite::Access::read); },
      [connect] { return connect(sqlite::Access::write); }, options.readers);
  return store;
}

}  // namespace

base::Result<std::unique_ptr<Store>> open_store(const Options& options, std::span<const Migration> migrations) {
  try {
    return options.url.empty() ? open_sqlite(options, migrations) : open_postgres(options, migrations);
  } catch (const Failure& failure) {
    return base::Error{base::ErrorCode::io, failure.what(),
                       options.url.empty() ? "check that the folder exists, is yours and has space"
                                           : "check the database's URL, and that the server runs and lets you in",
                       options.folder.string()};
  }
}

base::Result<std::unique_ptr<Store>> Store::open(const Options& options) {
  return open_store(options, migrations_of(embedded_migrations()));
}

void Store::write_now(Job job) {
  // Shared, because the writer's thread may still be inside set_value() when this thread goes on.
  const auto done = std::make_shared<std::promise<void>>();
  write(std::move(job), [done](const std::exception_ptr& error) {
    if (error) {
      done->set_exception(error);
    } else {
      done->set_value();
    }
  });
  done->get_future().get();
}

}  // namespace todoku::store
