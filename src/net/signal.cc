#include "net/signal.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <mutex>
#include <vector>

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
  struct Waiter {
    asio::any_io_executor home;  // of the task that waits
    Wait* wait;                  // touched on its thread only
  };
  std::mutex mutex;
  bool set = false;
  std::vector<Waiter> waiters;

  /// On the thread of `home`: whoever waits there goes on.
  void end_waits_of(const asio::any_io_executor& home) {
    const std::scoped_lock lock(mutex);
    for (const Waiter& waiter : waiters) {
      if (waiter.home == home) waiter.wait->end();  // resumes the task later, not here
    }
  }
  void forget(const Wait& wait) {
    const std::scoped_lock lock(mutex);
    std::erase_if(waiters, [&wait](const Waiter& waiter) { return waiter.wait == &wait; });
  }
};

Signal::Signal() : state_(std::make_shared<State>()) {}

void Signal::set() const {
  std::vector<asio::any_io_executor> homes;
  {
    const std::scoped_lock lock(state_->mutex);
    state_->set = true;
    for (const State::Waiter& waiter : state_->waiters) {
      if (std::ranges::find(homes, waiter.home) == homes.end()) homes.push_back(waiter.home);
    }
  }
  // Posted to the waiting tasks' own thread, where this runs only after they have suspended.
  for (const auto& home : homes) asio::post(home, [state = state_, home] { state->end_waits_of(home); });
}

Task<bool> Signal::wait(base::Duration limit) const {
  auto state = state_;
  auto executor = co_await asio::this_coro::executor;
  Wait wait(executor);
  {
    const std::scoped_lock lock(state->mutex);
    if (state->set) co_return true;
    state->waiters.push_back({executor, &wait});
  }
  (void)co_await wait.passes(limit);
  state->forget(wait);
  const std::scoped_lock lock(state->mutex);
  co_return state->set;
}

Task<bool> sleep(base::Duration duration) {
  Wait wait(co_await asio::this_coro::executor);
  co_return co_await wait.passes(duration);
}

}  // namespace todoku::net
