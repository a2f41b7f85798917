// Time as a parameter: whoever needs to know the time takes a Clock, so no test has to wait for one.
#pragma once
#include <chrono>
#include <cstdint>

namespace todoku::base {

/// A moment in UTC, in milliseconds since 1970; stored in the database as that number.
using Time = std::chrono::sys_time<std::chrono::milliseconds>;
using Duration = std::chrono::milliseconds;

inline std::int64_t to_stored(Time t) { return t.time_since_epoch().count(); }
inline Time from_stored(std::int64_t ms) { return Time{Duration{ms}}; }

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Time now() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override {
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  }
};

/// Stands still until moved; for tests and simulations.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Time start) : now_(start) {}
  [[nodiscard]] Time now() const override { return now_; }
  void advance(Duration by) { now_ += by; }

 private:
  Time now_;
};

}  // namespace todoku::base
