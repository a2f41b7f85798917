// A Taker for tests: keeps what it is given, and can wait or fail.
#pragma once
#include <condition_variable>
#include <functional>
#include <mutex>
#include <vector>

#include "intake/arrival.h"

namespace todoku::intake {

class TestTaker final : public Taker {
 public:
  void take(std::span<const Arrival> arrivals) override {
    std::unique_lock lock(mutex);
    ++calls;
    go_on.wait(lock, [this] { return !held; });
    if (fails) fails(arrivals);
    taken.insert(taken.end(), arrivals.begin(), arrivals.end());
  }
  void take(std::span<const RelayWord>) override {}

  void hold(bool wanted) {
    const std::lock_guard lock(mutex);
    held = wanted;
    go_on.notify_all();
  }
  [[nodiscard]] int called() {
    const std::lock_guard lock(mutex);
    return calls;
  }

  std::mutex mutex;
  std::condition_variable go_on;
  bool held = false;                                    // guarded by mutex, as the rest
  std::function<void(std::span<const Arrival>)> fails;  // throws
  std::vector<Arrival> taken;
  int calls = 0;
};

}  // namespace todoku::intake
