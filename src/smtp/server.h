// A receiving SMTP server: ServerMachine driven over streams, with a Receiver that decides about each mail.
//
// What a stranger can make grow has a limit: connections in all and of one peer, mails and recipients of a peer in a
// minute, the size of a mail, the bytes of all mails under way, commands, errors, times. A peer is an IPv4 address or
// an IPv6 /64. Behind a proxy of `proxies` it is whom the proxy names (PROXY protocol, versions 1 and 2).
#pragma once
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/listener.h"
#include "net/rate_table.h"
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
  std::size_t bytes = 0;  // of all mails under way; 0: no limit. Above it the large ones are put off
};

/// For each peer; 0: no limit.
struct PeerLimits {
  std::size_t connections = 0;
  net::Rate mails = {};          // MAIL commands
  net::Rate recipients = {};     // RCPT commands
  net::Rate auth_failures = {};  // further attempts end the session
};

/// What a server tells of, for counters.
enum class ServerEvent : std::uint8_t {
  connection,
  too_many_connections,  // of this peer
  too_many_mails,
  too_many_recipients,
  too_many_failures,  // of AUTH
  auth_failed,
  too_many_bytes,
  proxy_broken,  // no PROXY header where one must be
  tls_failed,
  too_slow,
};
inline constexpr int kServerEventCount = 10;
[[nodiscard]] std::string_view to_string(ServerEvent event);

struct ServerSettings {
  ServerOptions protocol = {};
  ServerLimits limits = {};
  net::ListenOptions listen = {};
  PeerLimits peer = {};
  std::vector<std::string> proxies = {};          // addresses in numbers; a PROXY header must open their connections
  bool tls_at_once = false;                       // TLS from the first byte (port 465)
  std::function<void(ServerEvent)> observe = {};  // on I/O threads, several at once; may be empty
};

class Server {
 public:
  /// Listens and serves until destroyed; sessions under way end when the runtime is closed. `receiver` lives until
  /// then. `tls` null: no STARTTLS. Errors: as Listener::bind; `invalid` for TLS at once without `tls`.
  [[nodiscard]] static base::Result<std::unique_ptr<Server>> start(net::Runtime& runtime, const net::Endpoint& at,
                                                                   Receiver& receiver, ServerSettings settings,
                                                                   std::shared_ptr<net::TlsServerContext> tls = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] net::Endpoint at() const { return listener_.at(); }
  [[nodiscard]] std::size_t connections() const;

  /// For new connections: a renewed certificate. Not from plain to TLS or back.
  void renew(std::shared_ptr<net::TlsServerContext> tls);

  /// Takes no more connections; sessions end with the mail they are at.
  void drain();

  struct Shared;  // what the sessions share; they may outlive the server

 private:
  Server(net::Listener listener, std::shared_ptr<Shared> shared);
  net::Listener listener_;
  std::shared_ptr<Shared> shared_;
};

}  // namespace todoku::smtp
