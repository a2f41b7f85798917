// The I/O threads, and the pool of threads for work that blocks (database, hashing).
//
// Each I/O thread has an event loop of its own; a spawned Task stays on its thread. Closing drains: `close` first lets
// tasks end by themselves, then makes every open read, write, accept and wait return as cancelled, and joins.
#pragma once
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/clock.h"
#include "net/task.h"

namespace todoku::net {

struct RuntimeOptions {
  std::size_t threads = 2;  // I/O threads
  std::size_t workers = 2;  // threads for offloaded work
};

class Runtime {
 public:
  explicit Runtime(const RuntimeOptions& options = {});
  ~Runtime();  // close() with no grace
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  [[nodiscard]] std::size_t threads() const;

  /// Starts a task on the next thread in turn, or on a chosen one. From any thread. An exception that leaves the task
  /// is logged. After close() the task is dropped unstarted.
  void spawn(Task<> task);
  void spawn_on(std::size_t thread, Task<> task);

  /// Tasks spawned and not ended yet.
  [[nodiscard]] std::size_t tasks() const;

  /// Runs blocking work on the pool and resumes the caller on its own thread; what the work throws is thrown here.
  /// The work must bound its own time: it cannot be interrupted.
  Task<> offload(std::function<void()> work);

  /// Runs a task on an I/O thread and waits for its end; throws what it threw. Not from an I/O thread.
  void run(Task<> task);

  /// True once close() was called: long loops end now.
  [[nodiscard]] bool closing() const;

  /// Refuses new connections, waits up to `grace` for the tasks to end, interrupts those left, joins all threads.
  /// False: a task did not even end when interrupted, and was destroyed. Not from an I/O thread.
  bool close(base::Duration grace);

  class Impl;

 private:
  friend boost::asio::any_io_executor executor_of(Runtime& runtime, std::size_t thread);
  std::unique_ptr<Impl> impl_;
};

namespace detail {
template <class T>
Task<> store_result(Task<T> task, std::optional<T>& into) {
  into.emplace(co_await std::move(task));
}
}  // namespace detail

/// offload() and run() with a result.
template <class Work, class T = std::invoke_result_t<Work&>>
  requires(!std::is_void_v<T>)
Task<T> offload(Runtime& runtime, Work work) {
  std::optional<T> result;
  co_await runtime.offload([&result, &work] { result.emplace(work()); });
  co_return std::move(*result);
}

template <class T>
T run(Runtime& runtime, Task<T> task) {
  std::optional<T> result;
  runtime.run(detail::store_result(std::move(task), result));
  return std::move(*result);
}

}  // namespace todoku::net
