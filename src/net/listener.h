// A listening TCP socket that starts one task for each connection, on the I/O threads in turn.
#pragma once
#include <cstddef>
#include <functional>
#include <memory>

#include "base/result.h"
#include "net/runtime.h"
#include "net/stream.h"

namespace todoku::net {

struct ListenOptions {
  std::size_t max_connections = 10'000;  // further ones wait in the system's queue
};

class Listener {
 public:
  /// Makes the session's task from its stream; runs on the connection's own I/O thread.
  using Session = std::function<Task<>(Stream)>;

  /// Binds; port 0 takes a free one. Errors: invalid (address), refused (in use, no right).
  [[nodiscard]] static base::Result<Listener> bind(Runtime& runtime, const Endpoint& at, ListenOptions options = {});

  Listener(Listener&&) noexcept;
  Listener& operator=(Listener&&) = delete;
  ~Listener();  // stops listening; sessions go on

  /// Starts accepting. `session` and what it refers to live until the runtime is closed.
  void start(Session session);
  void close();
  [[nodiscard]] Endpoint at() const;

 private:
  class Impl;
  explicit Listener(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;  // shared with the accepting task and the sessions' count
};

}  // namespace todoku::net
