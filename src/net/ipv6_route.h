// Whether this machine has a way to the IPv6 internet.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>

namespace todoku::net {

/// Asks the routing table, at most once a minute: networks come and go while a daemon runs. Sends nothing. Thread-safe.
class Ipv6Route {
 public:
  [[nodiscard]] bool here();

 private:
  std::atomic<std::int64_t> looked_at_ = 0;  // ms of the steady clock; 0: never
  std::atomic<bool> here_ = false;
};

}  // namespace todoku::net
