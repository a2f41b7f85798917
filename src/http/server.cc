#include "http/server.h"

#include "http/session.h"
#include "net/listener.h"

namespace todoku::http {

class Server::Impl {
 public:
  Impl(net::Listener l, std::shared_ptr<Shared> s) : listener(std::move(l)), shared(std::move(s)) {}
  net::Listener listener;
  std::shared_ptr<Shared> shared;  // with the sessions, which may outlive the server
};

base::Result<std::unique_ptr<Server>> Server::start(net::Runtime& runtime, const net::Endpoint& at, Router router,
                                                    ServerOptions options, std::shared_ptr<net::TlsServerContext> tls) {
  auto listener = net::Listener::bind(runtime, at, {.max_connections = options.connections});
  if (!listener) return std::move(listener).error();
  auto shared = std::make_shared<Shared>();
  shared->router = std::move(router);
  shared->options = std::move(options);
  shared->secure = tls != nullptr;
  shared->context = std::move(tls);
  std::unique_ptr<Server> server(new Server(std::make_unique<Impl>(*std::move(listener), shared)));
  server->impl_->listener.start([shared](net::Stream stream) { return serve(std::move(stream), shared); });
  return server;
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() { drain(); }

net::Endpoint Server::at() const { return impl_->listener.at(); }
std::size_t Server::connections() const { return impl_->shared->connections; }

void Server::renew(std::shared_ptr<net::TlsServerContext> tls) {
  const std::lock_guard lock(impl_->shared->mutex);
  impl_->shared->context = std::move(tls);
}

void Server::drain() {
  impl_->shared->draining = true;
  impl_->listener.close();
}

}  // namespace todoku::http
