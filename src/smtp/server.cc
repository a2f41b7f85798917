#include "smtp/server.h"

#include <array>

#include "smtp/server_session.h"

namespace todoku::smtp {

net::Task<Answer> Receiver::connected(Visit&) { co_return Answer{}; }
net::Task<Answer> Receiver::hello(Visit&) { co_return Answer{}; }
net::Task<Answer> Receiver::authenticate(Visit&, const Credentials&) {
  co_return Answer{535, "5.7.8 user or password wrong"};
}
net::Task<Answer> Receiver::sender(Visit&, const std::string&) { co_return Answer{}; }
net::Task<Answer> Receiver::recipient(Visit&, const std::string&) { co_return Answer{}; }

std::string_view to_string(ServerEvent event) {
  constexpr std::array<std::string_view, kServerEventCount> kWords = {
      "connection",  "too_many_connections", "too_many_mails", "too_many_recipients", "too_many_failures",
      "auth_failed", "too_many_bytes",       "proxy_broken",   "tls_failed",          "too_slow"};
  return kWords.at(static_cast<std::size_t>(event));
}

Server::Server(net::Listener listener, std::shared_ptr<Shared> shared)
    : listener_(std::move(listener)), shared_(std::move(shared)) {}

Server::~Server() { drain(); }

base::Result<std::unique_ptr<Server>> Server::start(net::Runtime& runtime, const net::Endpoint& at, Receiver& receiver,
                                                    ServerSettings settings,
                                                    std::shared_ptr<net::TlsServerContext> tls) {
  if (settings.tls_at_once && tls == nullptr) {
    return base::Error{base::ErrorCode::invalid, "TLS needs a certificate", "give a certificate and its key",
                       at.address + ":" + std::to_string(at.port)};
  }
  auto listener = net::Listener::bind(runtime, at, settings.listen);
  if (!listener) return std::move(listener).error();
  auto shared = std::make_shared<Shared>(receiver, std::move(settings), std::move(tls));
  std::unique_ptr<Server> server(new Server(std::move(*listener), shared));
  server->listener_.start([shared](net::Stream stream) { return serve(std::move(stream), shared); });
  return server;
}

std::size_t Server::connections() const { return shared_->connections; }

void Server::renew(std::shared_ptr<net::TlsServerContext> tls) {
  const std::lock_guard lock(shared_->mutex);
  shared_->tls = std::move(tls);
}

void Server::drain() {
  shared_->draining = true;
  listener_.close();
}

}  // namespace todoku::smtp
