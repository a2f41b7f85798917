#include "dns/unbound_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include "net/patient_threads.h"

namespace todoku::dns {
namespace {

constexpr int kEventsAtOnce = 64;

int must(int descriptor, const char* what) {
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), what);
  return descriptor;
}

std::uint32_t interest(short bits) {
  std::uint32_t events = 0;
  if ((bits & UB_EV_READ) != 0) events |= EPOLLIN;
  if ((bits & UB_EV_WRITE) != 0) events |= EPOLLOUT;
  return events;
}

/// A broken connection is told to whoever waits for anything.
short what_came(std::uint32_t events) {
  const bool broken = (events & (EPOLLERR | EPOLLHUP)) != 0;
  int bits = 0;
  if (broken || (events & EPOLLIN) != 0) bits |= UB_EV_READ;
  if (broken || (events & EPOLLOUT) != 0) bits |= UB_EV_WRITE;
  return static_cast<short>(bits);
}

}  // namespace

struct UnboundLoop::Event : ub_event {
  UnboundLoop* loop = nullptr;
  int descriptor = -1;
  short bits = 0;
  void (*call)(int, short, void*) = nullptr;
  void* argument = nullptr;
  std::uint64_t key = 0;  // in watched_; 0: not there
  bool limited = false;
  Clock::duration limit{};
  Times::iterator time;
  bool timed = false;

  static Event& of(ub_event* event) { return *static_cast<Event*>(event); }
  void limit_to(const timeval* to) {
    limited = to != nullptr;
    if (limited) limit = std::chrono::seconds(to->tv_sec) + std::chrono::microseconds(to->tv_usec);
  }
};

ub_event_base_vmt& UnboundLoop::base_functions() {
  static ub_event_base_vmt functions = {
      .free = [](ub_event_base*) {},
      .dispatch = [](ub_event_base*) { return 0; },
      .loopexit = [](ub_event_base*, timeval*) { return 0; },
      .new_event = make,
      .new_signal = [](ub_event_base*, int, void (*)(int, short, void*), void*) -> ub_event* { return nullptr; },
      .winsock_register_wsaevent = [](ub_event_base*, void*, void (*)(int, short, void*), void*) -> ub_event* {
        return nullptr;
      }};
  return functions;
}

ub_event_vmt& UnboundLoop::event_functions() {
  static ub_event_vmt functions = {
      .add_bits = [](ub_event* e, short bits) { Event::of(e).bits = static_cast<short>(Event::of(e).bits | bits); },
      .del_bits = [](ub_event* e, short bits) { Event::of(e).bits = static_cast<short>(Event::of(e).bits & ~bits); },
      .set_fd = [](ub_event* e, int descriptor) { Event::of(e).descriptor = descriptor; },
      .free =
          [](ub_event* e) {
            const std::unique_ptr<Event> owned(&Event::of(e));
            owned->loop->forget(*owned);
          },
      .add = add,
      .del = remove,
      .add_timer = add_timer,
      .del_timer = remove,
      .add_signal = [](ub_event*, timeval*) { return -1; },
      .del_signal = [](ub_event*) { return -1; },
      .winsock_unregister_wsaevent = [](ub_event*) {},
      .winsock_tcp_wouldblock = [](ub_event*, int) {}};
  return functions;
}

ub_event* UnboundLoop::make(ub_event_base* base, int descriptor, short bits, void (*call)(int, short, void*),
                            void* argument) {
  auto made = std::make_unique<Event>();
  made->magic = UB_EVENT_MAGIC;
  made->vmt = &event_functions();
  made->loop = static_cast<Base*>(base)->loop;
  made->descriptor = descriptor;
  made->bits = bits;
  made->call = call;
  made->argument = argument;
  return made.release();  // libunbound's, until it calls free
}

int UnboundLoop::add(ub_event* added, timeval* limit) {
  Event& event = Event::of(added);
  UnboundLoop& loop = *event.loop;
  loop.forget(event);
  event.limit_to(limit);
  if (!loop.watch(event)) return -1;
  loop.time(event);
  return 0;
}

int UnboundLoop::remove(ub_event* removed) {
  Event& event = Event::of(removed);
  event.loop->forget(event);
  return 0;
}

int UnboundLoop::add_timer(ub_event* added, ub_event_base* /*base*/, void (*call)(int, short, void*), void* argument,
                           timeval* limit) {
  Event::of(added).call = call;
  Event::of(added).argument = argument;
  return add(added, limit);
}

UnboundLoop::UnboundLoop() : epoll_(must(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")) {
  base_.magic = UB_EVENT_MAGIC;
  base_.vmt = &base_functions();
  base_.loop = this;
  wake_ = must(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd");
  epoll_event event{.events = EPOLLIN, .data = {.u64 = 0}};
  must(::epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event), "epoll_ctl");
}

UnboundLoop::~UnboundLoop() {
  stop();
  ::close(wake_);
  ::close(epoll_);
}

void UnboundLoop::start() {
  const net::PatientThreads patient;
  thread_ = std::thread([this] { run(); });
}

void UnboundLoop::post(std::function<void()> call) {
  const std::scoped_lock lock(mutex_);
  calls_.push_back(std::move(call));
  if (calls_.size() == 1) ::eventfd_write(wake_, 1);
}

void UnboundLoop::stop() {
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    ::eventfd_write(wake_, 1);
  }
  thread_.join();
}

bool UnboundLoop::watch(Event& event) {
  if (event.descriptor < 0 || interest(event.bits) == 0) return true;  // only a time
  epoll_event wanted{.events = interest(event.bits), .data = {.u64 = last_ + 1}};
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, event.descriptor, &wanted) != 0) return false;
  event.key = ++last_;
  watched_.emplace(event.key, &event);
  return true;
}

void UnboundLoop::forget(Event& event) {
  if (event.key != 0) {
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, event.descriptor, nullptr);  // it may be closed already
    watched_.erase(std::exchange(event.key, 0));
  }
  if (std::exchange(event.timed, false)) times_.erase(event.time);
}

void UnboundLoop::time(Event& event) {
  if (std::exchange(event.timed, event.limited)) times_.erase(event.time);
  if (event.timed) event.time = times_.emplace(Clock::now() + event.limit, &event);
}

/// The event may be gone afterwards.
void UnboundLoop::fire(Event& event, short why) {
  if ((event.bits & UB_EV_PERSIST) == 0) {
    forget(event);
  } else {
    time(event);
  }
  event.call(event.descriptor, why, event.argument);
}

void UnboundLoop::run() {
  std::array<epoll_event, kEventsAtOnce> ready;
  while (true) {
    const int count = ::epoll_wait(epoll_, ready.data(), kEventsAtOnce, milliseconds_to_wait());
    for (int i = 0; i < count; ++i) {
      const epoll_event came = ready[static_cast<std::size_t>(i)];
      const std::uint64_t key = came.data.u64;
      const auto found = watched_.find(key);  // not there: an earlier one's call has removed it
      if (found != watched_.end()) fire(*found->second, what_came(came.events));
    }
    run_timers();
    {
      const std::scoped_lock lock(mutex_);
      if (stopping_) return;
    }
    run_calls();
  }
}

void UnboundLoop::run_calls() {
  std::vector<std::function<void()>> calls;
  {
    const std::scoped_lock lock(mutex_);
    calls.swap(calls_);
    eventfd_t ignored = 0;
    if (!calls.empty()) ::eventfd_read(wake_, &ignored);
  }
  for (const auto& call : calls) call();
}

void UnboundLoop::run_timers() {
  const auto now = Clock::now();
  while (!times_.empty() && times_.begin()->first <= now) fire(*times_.begin()->second, UB_EV_TIMEOUT);
}

int UnboundLoop::milliseconds_to_wait() const {
  if (times_.empty()) return -1;
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(times_.begin()->first - Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(wait, 0, 60'000));
}

}  // namespace todoku::dns
