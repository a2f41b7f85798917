// An HTTP/1.1 server: keep-alive, pipelining, TLS, and limits on all that a client could make grow.
//
// Every request gets a response in JSON at least: what is wrong with it, and what to do. A connection is one task on
// one I/O thread; the handlers run there.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "http/request_parser.h"
#include "http/router.h"
#include "net/runtime.h"
#include "net/stream.h"
#include "net/tls.h"

namespace todoku::http {

/// A request that was answered; for counters and the log. Its path is not among it: it may carry a token.
struct Exchange {
  std::string_view route;  // the pattern; empty: none fitted
  std::string_view method;
  int status = 0;
  base::Duration took{0};
  std::string_view peer;
};

struct ServerOptions {
  ParserLimits parser = {};
  base::Duration idle{30'000};     // waiting for a request
  base::Duration request{30'000};  // from a request's first byte to its last; also for a TLS handshake
  base::Duration write{30'000};    // for each piece that the client takes
  std::size_t requests_per_connection = 1000;
  std::size_t connections = 2000;
  std::size_t connections_per_address = 100;
  /// Reverse proxies, as addresses in numbers: their X-Forwarded-For and X-Forwarded-Proto are believed, and their
  /// connections not limited by address.
  std::vector<std::string> trusted_proxies = {};
  std::function<void(const Exchange&)> observe = {};  // on I/O threads, several at once; may be empty
};

class Server {
 public:
  /// Listens and serves until destroyed; sessions under way end when the runtime is closed. `tls` null: plain. Errors:
  /// as Listener::bind.
  [[nodiscard]] static base::Result<std::unique_ptr<Server>> start(net::Runtime& runtime, const net::Endpoint& at,
                                                                   Router router, ServerOptions options,
                                                                   std::shared_ptr<net::TlsServerContext> tls = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] net::Endpoint at() const;
  [[nodiscard]] std::size_t connections() const;

  /// For new connections: a renewed certificate. Not from plain to TLS or back.
  void renew(std::shared_ptr<net::TlsServerContext> tls);

  /// Takes no more connections; those that wait for a request end within a second, the others with their response.
  void drain();

  struct Shared;  // what the sessions share; they may outlive the server

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace todoku::http
