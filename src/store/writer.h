// The one thread that writes: jobs in order, many to a transaction, told of only when the commit is on disk.
//
// A group is what waits when the last commit ends, plus what comes while it runs, bounded by count and time; so a lone
// job is committed at once, and under load one fsync carries thousands. A job that throws is rolled back alone. What
// concerns the whole transaction (connection lost, disk full) fails the group; a lock conflict runs it again.
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "store/connection.h"
#include "store/store.h"

namespace todoku::store {

class Writer {
 public:
  /// `open` connects anew after a loss; it throws Failure.
  explicit Writer(std::function<std::unique_ptr<Connection>()> open, std::unique_ptr<Connection> first);
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  /// Runs what waits, then ends.
  ~Writer();

  void add(Store::Job job, Store::Committed committed);
  [[nodiscard]] bool on_its_thread() const { return std::this_thread::get_id() == thread_.get_id(); }

 private:
  struct Task {
    Store::Job job;
    Store::Committed committed;
    std::exception_ptr error;
  };
  /// With each job in a savepoint of its own a failing one can be rolled back alone. That costs PostgreSQL a round trip
  /// and SQLite copies of pages, so a group is run without first, and again with savepoints if a job failed.
  enum class Guard : std::uint8_t { none, savepoints };

  void work();
  bool wait_for_task();
  bool take(std::vector<Task>& group);
  void run_group(std::vector<Task>& group);
  void attempt(std::vector<Task>& group, Guard guard);
  void run_job(Task& task, Guard guard);
  void connect();

  std::function<std::unique_ptr<Connection>()> open_;
  std::unique_ptr<Connection> connection_;
  std::mutex mutex_;
  std::condition_variable task_added_, task_taken_;
  std::deque<Task> tasks_;
  bool ending_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace todoku::store
