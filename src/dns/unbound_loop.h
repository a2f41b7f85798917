// The event loop that libunbound runs on (unbound-event.h): one thread, which waits for descriptors, for times, and for
// what other threads want called. Internal to dns.
//
// libunbound's own thread would take eight system calls and four changes of thread for each question, to pass it there
// and its answer back through pipes.
#pragma once
#include <unbound-event.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

namespace todoku::dns {

class UnboundLoop {
 public:
  UnboundLoop();   // throws std::system_error
  ~UnboundLoop();  // stop(); whatever events there were are gone before
  UnboundLoop(const UnboundLoop&) = delete;
  UnboundLoop& operator=(const UnboundLoop&) = delete;

  [[nodiscard]] ub_event_base* base() { return &base_; }
  void start();
  /// Has it called on the loop's thread, in order. From any thread; after stop() it never is.
  void post(std::function<void()> call);
  /// Once it returns nothing is called any more. Not on the loop's thread.
  void stop();

 private:
  using Clock = std::chrono::steady_clock;
  struct Event;
  using Times = std::multimap<Clock::time_point, Event*>;
  struct Base : ub_event_base {
    UnboundLoop* loop = nullptr;
  };

  // As libunbound calls them.
  static ub_event_base_vmt& base_functions();
  static ub_event_vmt& event_functions();
  static ub_event* make(ub_event_base* base, int descriptor, short bits, void (*call)(int, short, void*),
                        void* argument);
  static int add(ub_event* event, timeval* limit);
  static int remove(ub_event* event);
  static int add_timer(ub_event* event, ub_event_base* base, void (*call)(int, short, void*), void* argument,
                       timeval* limit);

  bool watch(Event& event);
  void forget(Event& event);
  void time(Event& event);
  void fire(Event& event, short why);
  void run();
  void run_calls();
  void run_timers();
  [[nodiscard]] int milliseconds_to_wait() const;

  Base base_;
  int epoll_ = -1;
  int wake_ = -1;  // an eventfd
  std::unordered_map<std::uint64_t, Event*> watched_;
  std::uint64_t last_ = 0;  // key in watched_; 0 is wake_
  Times times_;
  std::mutex mutex_;
  std::vector<std::function<void()>> calls_;  // guarded by mutex_
  bool stopping_ = false;                     // guarded by mutex_
  std::thread thread_;
};

}  // namespace todoku::dns
