// One connection of the server, from accepting to closing. Internal to http.
#pragma once
#include <atomic>
#include <memory>
#include <mutex>

#include "base/clock.h"
#include "http/server.h"
#include "net/client_counts.h"
#include "net/task.h"

namespace todoku::http {

struct Server::Shared {
  Router router;
  ServerOptions options;
  base::SystemClock clock;  // for Date; nothing else depends on it
  net::ClientCounts clients;
  std::atomic<std::size_t> connections = 0;
  std::atomic<bool> draining = false;
  bool secure = false;

  [[nodiscard]] std::shared_ptr<net::TlsServerContext> tls() {
    const std::lock_guard lock(mutex);
    return context;
  }
  std::mutex mutex;
  std::shared_ptr<net::TlsServerContext> context;  // guarded by mutex; sessions keep the one they began with
};

/// Ends with the connection. `shared` is kept as long: the server may be gone before.
net::Task<> serve(net::Stream stream, std::shared_ptr<Server::Shared> shared);

}  // namespace todoku::http
