// The database of one data folder: a pool of readers and one writer that commits in groups.
//
// SQLite (the default; WAL, synchronous=FULL) or PostgreSQL by URL. Open creates what is missing and runs the
// migrations. Never call read() or write_now() on an I/O thread.
//
// Several processes may work on one SQLite folder: each write transaction takes SQLite's lock only while it runs, and
// they take turns, so that `campaign pause` gets through while another process writes without end. Who must be the only
// one of its kind (the sender) asks for `exclusive`.
#pragma once
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "store/connection.h"

namespace todoku::store {

struct Options {
  /// "postgresql://…" or "host=… dbname=…"; empty: SQLite in `folder`/todoku.db.
  std::string url;
  std::filesystem::path folder;  // made 0700 where missing
  int readers = 4;               // connections in the pool
  std::string schema;            // PostgreSQL: the schema to work in, made where missing; empty: the search path
  bool exclusive = false;        // SQLite: refuse while another process has the folder open exclusively
};

/// A connection of the pool, given back when destroyed.
class Lease {
 public:
  Lease(std::unique_ptr<Connection> connection, std::function<void(std::unique_ptr<Connection>)> give_back)
      : connection_(std::move(connection)), give_back_(std::move(give_back)) {}
  Lease(Lease&&) = default;
  Lease& operator=(Lease&&) = delete;
  ~Lease() {
    if (connection_) give_back_(std::move(connection_));
  }
  Connection& operator*() const { return *connection_; }
  Connection* operator->() const { return connection_.get(); }

 private:
  std::unique_ptr<Connection> connection_;
  std::function<void(std::unique_ptr<Connection>)> give_back_;
};

class Store {
 public:
  using Job = std::function<void(Connection&)>;
  using Committed = std::function<void(std::exception_ptr)>;

  /// Opens, locks, migrates. Errors: the folder or server cannot be reached, a newer schema, a failed migration (the
  /// old version stays usable).
  [[nodiscard]] static base::Result<std::unique_ptr<Store>> open(const Options& options);
  virtual ~Store() = default;

  [[nodiscard]] virtual Engine engine() const = 0;

  /// Waits for a free reader. Read only: SQLite refuses writes on it.
  [[nodiscard]] virtual Lease read() = 0;

  /// Queues a job for the writer. Jobs run in order, many in one transaction; `committed` (may be empty, must not
  /// throw) is called on the writer's thread once the group is durable on disk, or with what the job or the commit
  /// threw. Then nothing of this job is stored, while the others of the group are; only when the server is lost in the
  /// very COMMIT (Failure::lost) the job is in doubt. A job may run again after its first run was rolled back: it sets
  /// results, it does not add to them. Callable from any thread; blocks only when 10,000 jobs wait. The destructor of
  /// the store waits for all of them.
  virtual void write(Job job, Committed committed) = 0;

  /// The same, and waits; throws what the job threw. Not from the writer's thread.
  void write_now(Job job);
};

}  // namespace todoku::store
