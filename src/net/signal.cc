#include "net/signal.h"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <mutex>
#include <optional>

#include "net/interrupt.h"

namespace todoku::net {
namespace asio = boost::asio;
namespace {

class Wait final : public Interruptible {
 public:
  explicit Wait(const asio::any_io_executor& executor)
      : timer_(executor),
        registry_(asio::use_service<InterruptRegistry>(asio::query(executor, asio::execution::context))) {
    interrupted_ = !registry_.enrol(this);
  }
  ~Wait() override { registry_.leave(this); }
  Wait(const Wait&) = delete;
  Wait& operator=(const Wait&) = delete;

  void interrupt() override {
    interrupted_ = true;
    timer_.cancel();
  }
  void end() { timer_.cancel(); }

  /// True: the whole time passed.
  Task<bool> passes(base::Duration duration) {
    if (interrupted_) co_return false;
    boost::system::error_code error;
    timer_.expires_after(duration);
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, error));
    co_return !error && !interrupted_;
  }

 private:
  asio::steady_timer timer_;
  InterruptRegistry& registry_;
  bool interrupted_ = false;
};

}  // namespace

struct Signal::State {
  std::mutex mutex;
  bool set = false;
  std::optional<asio::any_io_executor> home;  // of the task that waits
  Wait* wait = nullptr;                       // touched on its thread only
};

Signal::Signal() : state_(std::make_shared<State>()) {}

void Signal::set() const {
  std::unique_lock lock(state_->mutex);
  state_->set = true;
  if (!state_->home) return;
  auto home = *state_->home;
  lock.unlock();
  // Posted to the waiting task's own thread, where this runs only after that task has suspended.
  asio::post(home, [state = state_] {
    if (state->wait) state->wait->end();
  });
}

Task<bool> Signal::wait(base::Duration limit) const {
  auto state = state_;
  auto executor = co_await asio::this_coro::executor;
  Wait wait(executor);
  {
    std::lock_guard lock(state->mutex);
    if (state->set) co_return true;
    state->home = executor;
    state->wait = &wait;
  }
  (void)co_await wait.passes(limit);
  std::lock_guard lock(state->mutex);
  state->home.reset();
  state->wait = nullptr;
  co_return state->set;
}

Task<bool> sleep(base::Duration duration) {
  Wait wait(co_await asio::this_coro::executor);
  co_return co_await wait.passes(duration);
}

}  // namespace todoku::net
