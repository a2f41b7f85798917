// A receiving SMTP server: ServerMachine driven over streams, with a Receiver that decides about each mail.
#pragma once
#include <chrono>
#include <memory>

#include "base/result.h"
#include "net/listener.h"
#include "net/tls.h"
#include "smtp/server_machine.h"

namespace todoku::smtp {

/// Decides what a server takes. Shared by all sessions, on several I/O threads at once: thread-safe. Each question may
/// wait (net::sleep, Runtime::offload); the session waits with it. What is not overridden is taken.
class Receiver {
 public:
  virtual ~Receiver() = default;
  virtual net::Task<Answer> connected(Visit& visit);
  virtual net::Task<Answer> hello(Visit& visit);
  virtual net::Task<Answer> authenticate(Visit& visit, const Credentials& credentials);  // by default 535
  virtual net::Task<Answer> sender(Visit& visit, const std::string& address);
  virtual net::Task<Answer> recipient(Visit& visit, const std::string& address);
  /// The whole mail; visit.content may be moved away. A positive answer takes the responsibility.
  virtual net::Task<Answer> message(Visit& visit) = 0;
};

struct ServerLimits {
  base::Duration command{std::chrono::minutes(5)};   // for a whole line, however slowly its bytes come
  base::Duration content{std::chrono::minutes(10)};  // for a whole content
  base::Duration write{std::chrono::minutes(1)};
  base::Duration session{std::chrono::hours(2)};
};

struct ServerSettings {
  ServerOptions protocol;
  ServerLimits limits;
  net::ListenOptions listen;
};

class Server {
 public:
  /// Listens and serves until destroyed; sessions under way end when the runtime is closed. `receiver` and `tls` (null:
  /// no STARTTLS) live until then. Errors: as Listener::bind.
  [[nodiscard]] static base::Result<std::unique_ptr<Server>> start(net::Runtime& runtime, const net::Endpoint& at,
                                                                   Receiver& receiver, ServerSettings settings,
                                                                   net::TlsServerContext* tls = nullptr);
  [[nodiscard]] net::Endpoint at() const { return listener_.at(); }

 private:
  explicit Server(net::Listener listener) : listener_(std::move(listener)) {}
  net::Listener listener_;
};

/// One session, for who accepts connections otherwise. Ends with the connection.
net::Task<> serve(net::Stream stream, Receiver& receiver, std::shared_ptr<const ServerSettings> settings,
                  net::TlsServerContext* tls);

}  // namespace todoku::smtp
