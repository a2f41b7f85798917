// Whether the daemon is alive and ready, and why not: what each part last said of itself.
#pragma once
#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace todoku::app {

/// Thread-safe.
class Health {
 public:
  /// `reason` empty: the part is well.
  void say(std::string_view part, std::string_view reason);
  /// What somebody should look at though all works; empty: nothing any more.
  void warn(std::string_view part, std::string_view warning);
  [[nodiscard]] std::map<std::string, std::string> warnings() const;
  /// Parts that are not well, with their reasons; empty: ready.
  [[nodiscard]] std::map<std::string, std::string> troubles() const;

  /// The main loop turned once more. Both by base::SteadyClock: a clock that is set kills nobody.
  void beat(base::Time now) { beat_ = base::to_stored(now); }
  /// It did so in the last half minute.
  [[nodiscard]] bool alive(base::Time now) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string, std::less<>> troubles_;  // guarded by mutex_
  std::map<std::string, std::string, std::less<>> warnings_;  // likewise
  std::atomic<std::int64_t> beat_ = 0;
};

}  // namespace todoku::app
