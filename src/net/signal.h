// Waiting for something that is not a byte: time, or another thread's word.
#pragma once
#include <memory>

#include "base/clock.h"
#include "net/task.h"

namespace todoku::net {

/// One shot: set() once from any thread (a store's Committed callback); any number of tasks wait, on any threads.
/// Copies are the same signal.
class Signal {
 public:
  Signal();
  void set() const;
  /// True: set, before or while waiting. False: the limit passed, or the runtime is closing.
  [[nodiscard]] Task<bool> wait(base::Duration limit) const;

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared by the one who sets and the one who waits: either may be gone first
};

/// False: interrupted by the closing of the runtime.
[[nodiscard]] Task<bool> sleep(base::Duration duration);

}  // namespace todoku::net
