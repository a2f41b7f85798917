#include "smtp/server.h"

namespace todoku::smtp {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kReadBuffer = 16 * 1024;

class ServerSession {
 public:
  ServerSession(net::Stream stream, Receiver& receiver, const ServerSettings& settings, net::TlsServerContext* tls)
      : stream_(std::move(stream)),
        receiver_(receiver),
        settings_(settings),
        tls_(tls),
        machine_(protocol(settings, tls), stream_.remote().address),
        buffer_(std::make_unique_for_overwrite<char[]>(kReadBuffer)) {
    stream_.set_overall_limit(settings.limits.session);
  }

  net::Task<> run() {
    for (bool open = true; open;) {
      switch (machine_.next()) {
        case ServerMachine::Action::read:
          open = co_await read();
          break;
        case ServerMachine::Action::write:
          open = co_await write();
          break;
        case ServerMachine::Action::decide:
          machine_.answer(co_await decide());
          break;
        case ServerMachine::Action::start_tls:
          open = co_await start_tls();
          break;
        case ServerMachine::Action::close:
          open = false;
          break;
      }
    }
    stream_.close();
  }

 private:
  static ServerOptions protocol(const ServerSettings& settings, net::TlsServerContext* tls) {
    auto options = settings.protocol;
    options.offer_starttls = tls != nullptr;
    return options;
  }

  net::Task<bool> read() {
    auto now = SteadyClock::now();
    if (timed_ != machine_.progress()) {
      timed_ = machine_.progress();
      deadline_ = now + (machine_.receiving() ? settings_.limits.content : settings_.limits.command);
    }
    auto left = std::max(std::chrono::ceil<base::Duration>(deadline_ - now), base::Duration{0});
    auto got = co_await stream_.read_some({buffer_.get(), kReadBuffer}, left);
    if (got) machine_.received({buffer_.get(), got.bytes});
    if (got.status == net::IoStatus::timed_out) machine_.dismiss("421 4.4.2 too slow");
    co_return bool(got) || got.status == net::IoStatus::timed_out;
  }

  net::Task<bool> write() {
    auto output = machine_.output();
    auto sent = co_await stream_.write({&output, 1}, settings_.limits.write);
    machine_.written();
    co_return bool(sent);
  }

  net::Task<bool> start_tls() {
    auto started = co_await stream_.start_tls(*tls_, settings_.limits.command);
    if (started) machine_.tls_started();
    co_return bool(started);
  }

  net::Task<Answer> decide() {
    auto& visit = machine_.visit();
    switch (machine_.question()) {
      case ServerMachine::Question::connect:
        return receiver_.connected(visit);
      case ServerMachine::Question::hello:
        return receiver_.hello(visit);
      case ServerMachine::Question::auth:
        return receiver_.authenticate(visit, machine_.credentials());
      case ServerMachine::Question::mail:
        return receiver_.sender(visit, machine_.address());
      case ServerMachine::Question::rcpt:
        return receiver_.recipient(visit, machine_.address());
      case ServerMachine::Question::message:
        break;
    }
    return receiver_.message(visit);
  }

  net::Stream stream_;
  Receiver& receiver_;
  const ServerSettings& settings_;
  net::TlsServerContext* tls_;
  ServerMachine machine_;
  std::unique_ptr<char[]> buffer_;  // not zeroed: that costs more than a small mail
  std::size_t timed_ = static_cast<std::size_t>(-1);
  SteadyClock::time_point deadline_;
};

}  // namespace

net::Task<Answer> Receiver::connected(Visit&) { co_return Answer{}; }
net::Task<Answer> Receiver::hello(Visit&) { co_return Answer{}; }
net::Task<Answer> Receiver::authenticate(Visit&, const Credentials&) {
  co_return Answer{535, "5.7.8 user or password wrong"};
}
net::Task<Answer> Receiver::sender(Visit&, const std::string&) { co_return Answer{}; }
net::Task<Answer> Receiver::recipient(Visit&, const std::string&) { co_return Answer{}; }

net::Task<> serve(net::Stream stream, Receiver& receiver, std::shared_ptr<const ServerSettings> settings,
                  net::TlsServerContext* tls) {
  ServerSession session(std::move(stream), receiver, *settings, tls);
  co_await session.run();
}

base::Result<std::unique_ptr<Server>> Server::start(net::Runtime& runtime, const net::Endpoint& at, Receiver& receiver,
                                                    ServerSettings settings, net::TlsServerContext* tls) {
  auto listener = net::Listener::bind(runtime, at, settings.listen);
  if (!listener) return std::move(listener).error();
  // Shared by the sessions: they may outlive the server.
  auto shared = std::make_shared<const ServerSettings>(std::move(settings));
  std::unique_ptr<Server> server(new Server(std::move(*listener)));
  server->listener_.start(
      [&receiver, shared, tls](net::Stream stream) { return serve(std::move(stream), receiver, shared, tls); });
  return server;
}

}  // namespace todoku::smtp
