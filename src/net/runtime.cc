#include "net/runtime.h"

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <future>
#include <thread>
#include <vector>

#include "base/log.h"
#include "net/interrupt.h"
#include "net/loop.h"

namespace todoku::net {
namespace asio = boost::asio;
namespace {

constexpr base::Duration kInterruptedTasksEnd{5000};

struct Loop {
  asio::io_context context{1};  // one thread runs it: Asio skips waking others
  asio::executor_work_guard<asio::io_context::executor_type> busy{context.get_executor()};
  std::thread thread;
  InterruptRegistry& registry() { return asio::use_service<InterruptRegistry>(context); }
};

std::string what(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {  // the border of a task
    return "not a std::exception";
  }
}

}  // namespace

class Runtime::Impl {
 public:
  explicit Impl(const RuntimeOptions& options) : pool_(std::max<std::size_t>(options.workers, 1)) {
    for (std::size_t i = 0; i < std::max<std::size_t>(options.threads, 1); ++i) {
      loops_.push_back(std::make_unique<Loop>());
      auto* loop = loops_.back().get();
      loop->registry();
      loop->thread = std::thread([loop] { loop->context.run(); });
    }
  }

  void spawn(std::size_t thread, Task<> task, std::function<void(std::exception_ptr)> ended) {
    {
      std::lock_guard lock(mutex_);
      if (closing_) return;
      ++tasks_;
    }
    asio::co_spawn(loops_[thread % loops_.size()]->context, std::move(task),
                   [this, ended = std::move(ended)](const std::exception_ptr& thrown) {
                     ended(thrown);
                     std::lock_guard lock(mutex_);
                     if (--tasks_ == 0) idle_.notify_all();
                   });
  }

  void spawn(std::size_t thread, Task<> task) {
    spawn(thread, std::move(task), [](const std::exception_ptr& thrown) {
      if (thrown) base::log::error("task_failed", {{"what", what(thrown)}});
    });
  }

  bool close(base::Duration grace) {
    {
      std::lock_guard lock(mutex_);
      if (std::exchange(closing_, true)) return true;
    }
    on_every_loop(&InterruptRegistry::interrupt_listeners);
    bool idle = wait_idle(grace);
    on_every_loop(&InterruptRegistry::interrupt_all);
    idle = idle || wait_idle(kInterruptedTasksEnd);
    if (!idle) base::log::error("tasks_abandoned", {{"count", tasks()}});
    pool_.join();
    for (auto& loop : loops_) {
      loop->busy.reset();
      if (!idle) loop->context.stop();
      loop->thread.join();
    }
    return idle;
  }

  [[nodiscard]] std::size_t tasks() const {
    std::lock_guard lock(mutex_);
    return tasks_;
  }
  [[nodiscard]] bool closing() const {
    std::lock_guard lock(mutex_);
    return closing_;
  }
  std::size_t next_thread() { return turn_++; }
  [[nodiscard]] std::size_t threads() const { return loops_.size(); }
  asio::thread_pool& pool() { return pool_; }
  asio::any_io_executor executor(std::size_t thread) { return loops_[thread % loops_.size()]->context.get_executor(); }

 private:
  void on_every_loop(void (InterruptRegistry::*act)()) {
    for (auto& loop : loops_) asio::post(loop->context, [r = &loop->registry(), act] { (r->*act)(); });
  }
  bool wait_idle(base::Duration limit) {
    std::unique_lock lock(mutex_);
    return idle_.wait_for(lock, limit, [this] { return tasks_ == 0; });
  }

  mutable std::mutex mutex_;
  std::condition_variable idle_;
  std::size_t tasks_ = 0;
  bool closing_ = false;
  std::atomic<std::size_t> turn_ = 0;
  std::vector<std::unique_ptr<Loop>> loops_;
  asio::thread_pool pool_;
};

Runtime::Runtime(const RuntimeOptions& options) : impl_(std::make_unique<Impl>(options)) {}
Runtime::~Runtime() { close(base::Duration{0}); }
std::size_t Runtime::threads() const { return impl_->threads(); }
void Runtime::spawn(Task<> task) { impl_->spawn(impl_->next_thread(), std::move(task)); }
void Runtime::spawn_on(std::size_t thread, Task<> task) { impl_->spawn(thread, std::move(task)); }
std::size_t Runtime::tasks() const { return impl_->tasks(); }
bool Runtime::closing() const { return impl_->closing(); }
bool Runtime::close(base::Duration grace) { return impl_->close(grace); }

asio::any_io_executor executor_of(Runtime& runtime, std::size_t thread) { return runtime.impl_->executor(thread); }

void Runtime::run(Task<> task) {
  std::promise<void> promise;
  auto future = promise.get_future();
  // The completion owns the promise: a task that is dropped at closing breaks it instead of leaving the caller waiting.
  auto owned = std::make_shared<std::promise<void>>(std::move(promise));
  impl_->spawn(impl_->next_thread(), std::move(task), [owned](const std::exception_ptr& thrown) {
    if (thrown)
      owned->set_exception(thrown);
    else
      owned->set_value();
  });
  owned.reset();
  future.get();
}

Task<> Runtime::offload(std::function<void()> work) {
  auto start = [this, &work](auto handler) {
    auto home = asio::make_work_guard(asio::get_associated_executor(handler));
    asio::post(impl_->pool(), [&work, handler = std::move(handler), home = std::move(home)]() mutable {
      std::exception_ptr thrown;
      try {
        work();
      } catch (...) {  // the border of a job: carried to the task that asked for it
        thrown = std::current_exception();
      }
      auto executor = home.get_executor();
      asio::post(executor, [handler = std::move(handler), thrown]() mutable { std::move(handler)(thrown); });
    });
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr)>(start, asio::use_awaitable);
}

}  // namespace todoku::net
