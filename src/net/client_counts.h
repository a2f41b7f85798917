// Open connections by client address, so that no one client takes them all. An IPv6 client is its /64: it has as many
// addresses as it likes.
#pragma once
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace todoku::net {

/// "203.0.113.7" as it is, "2001:db8:1:2::9" as "2001:db8:1:2::".
[[nodiscard]] std::string client_of(const std::string& address);

/// Thread-safe.
class ClientCounts {
 public:
  /// False: the client has `limit` connections already, and this one is not counted.
  [[nodiscard]] bool enter(const std::string& client, std::size_t limit);
  void leave(const std::string& client);

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::size_t> open_;  // guarded by mutex_
};

}  // namespace todoku::net
