#include "net/listener.h"

#include <sys/socket.h>

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "net/interrupt.h"
#include "net/loop.h"
#include "net/signal.h"
#include "net/stream_impl.h"

namespace todoku::net {
namespace asio = boost::asio;
using asio::ip::tcp;
namespace {

constexpr base::Duration kPause{100};  // when the system is out of descriptors, or connections are at their limit

}  // namespace

class Listener::Impl final : public Interruptible {
 public:
  Impl(Runtime& r, ListenOptions options, asio::any_io_executor home)
      : runtime(r),
        acceptor(home),
        max_connections_(options.max_connections),
        registry_(asio::use_service<InterruptRegistry>(asio::query(home, asio::execution::context))) {}
  ~Impl() override { registry_.leave(this); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void enrol() {
    if (!registry_.enrol(this)) closed = true;
  }
  void interrupt() override {
    boost::system::error_code ignored;
    closed = true;
    acceptor.close(ignored);
  }
  [[nodiscard]] Kind kind() const override { return Kind::listener; }

  static Task<> accept(std::shared_ptr<Impl> self, Session session);
  static Task<> serve(std::shared_ptr<Impl> self, std::shared_ptr<Stream> stream, Session session);

  Runtime& runtime;
  tcp::acceptor acceptor;
  std::atomic<bool> closed = false;

 private:
  std::size_t max_connections_;
  std::atomic<std::size_t> connections_ = 0;
  InterruptRegistry& registry_;
};

Task<> Listener::Impl::serve(std::shared_ptr<Impl> self, std::shared_ptr<Stream> stream, Session session) {
  struct Leave {
    std::atomic<std::size_t>& count;
    ~Leave() { --count; }
  } leave{self->connections_};
  co_await session(std::move(*stream));
}

Task<> Listener::Impl::accept(std::shared_ptr<Impl> self, Session session) {
  for (std::size_t turn = 0; !self->closed; ++turn) {
    if (self->connections_ >= self->max_connections_) {
      if (!co_await sleep(kPause)) break;
      continue;
    }
    boost::system::error_code failed;
    auto thread = turn % self->runtime.threads();
    tcp::socket socket(executor_of(self->runtime, thread));
    co_await self->acceptor.async_accept(socket, asio::redirect_error(asio::use_awaitable, failed));
    if (self->closed) break;
    if (failed) {
      base::log::warning("accept_failed", {{"what", failed.message()}});
      if (!co_await sleep(kPause)) break;
      continue;
    }
    socket.set_option(tcp::no_delay(true), failed);
    ++self->connections_;
    auto stream = std::make_shared<Stream>(std::make_shared<Stream::Impl>(std::move(socket)));
    self->runtime.spawn_on(thread, serve(self, std::move(stream), session));
  }
}

Listener::Listener(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Listener::Listener(Listener&&) noexcept = default;
Listener::~Listener() {
  if (impl_) close();
}

base::Result<Listener> Listener::bind(Runtime& runtime, const Endpoint& at, ListenOptions options) {
  auto where = at.address + ":" + std::to_string(at.port);
  boost::system::error_code failed;
  auto address = asio::ip::make_address(at.address, failed);
  if (failed) return base::Error{base::ErrorCode::invalid, "not an IP address", "give it in numbers, 127.0.0.1", where};
  auto impl = std::make_shared<Impl>(runtime, options, executor_of(runtime, 0));
  tcp::endpoint endpoint(address, at.port);
  impl->acceptor.open(endpoint.protocol(), failed);
  if (!failed) impl->acceptor.set_option(tcp::acceptor::reuse_address(true), failed);
  if (!failed) impl->acceptor.bind(endpoint, failed);
  if (!failed) impl->acceptor.listen(asio::socket_base::max_listen_connections, failed);
  if (failed)
    return base::Error{base::ErrorCode::refused, "cannot listen: " + failed.message(), "choose another port", where};
  impl->enrol();
  return Listener(std::move(impl));
}

void Listener::start(Session session) { impl_->runtime.spawn_on(0, Impl::accept(impl_, std::move(session))); }

void Listener::close() {
  impl_->closed = true;
  asio::post(impl_->acceptor.get_executor(), [impl = impl_] { impl->interrupt(); });
}

Endpoint Listener::at() const {
  boost::system::error_code ignored;
  auto endpoint = impl_->acceptor.local_endpoint(ignored);
  return {endpoint.address().to_string(), endpoint.port()};
}

}  // namespace todoku::net
