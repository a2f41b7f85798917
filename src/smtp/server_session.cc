#include "smtp/server_session.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "net/proxy_header.h"

namespace todoku::smtp {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kReadBuffer = 16 * 1024;
constexpr base::Duration kProxyLimit{10'000};
constexpr base::Duration kLook{500};            // how often an idle session looks whether the server drains
constexpr std::size_t kFairShare = 256 * 1024;  // of the bytes under way: who has less goes on whatever the others have

class ServerSession {
 public:
  ServerSession(net::Stream stream, std::shared_ptr<Server::Shared> shared)
      : stream_(std::move(stream)),
        keeps_(std::move(shared)),
        shared_(*keeps_),
        settings_(shared_.settings),
        tls_(shared_.certificate()),
        buffer_(std::make_unique_for_overwrite<char[]>(kReadBuffer)) {
    ++shared_.connections;
    stream_.set_overall_limit(settings_.limits.session);
  }
  ServerSession(const ServerSession&) = delete;
  ServerSession& operator=(const ServerSession&) = delete;
  ~ServerSession() {
    hold(0);
    if (!counted_as_.empty()) shared_.clients.leave(counted_as_);
    --shared_.connections;
  }

  net::Task<> run() {
    shared_.tell(ServerEvent::connection);
    if (co_await meet()) co_await talk();
    stream_.close();
  }

 private:
  net::Task<bool> meet();
  net::Task<std::optional<std::string>> read_proxy_header();
  net::Task<> talk();
  net::Task<bool> read();
  net::Task<bool> write();
  net::Task<bool> start_tls();
  net::Task<Answer> decide();
  net::Task<Answer> authenticate();
  net::Task<Answer> refused_later(ServerEvent event);
  void admit();
  void hold(std::size_t bytes);

  [[nodiscard]] ServerOptions protocol() const {
    auto options = settings_.protocol;
    options.offer_starttls = tls_ != nullptr && !settings_.tls_at_once;
    return options;
  }

  net::Stream stream_;
  std::shared_ptr<Server::Shared> keeps_;  // shared by the sessions; may outlive the server
  Server::Shared& shared_;
  const ServerSettings& settings_;
  std::shared_ptr<net::TlsServerContext> tls_;  // as it was when this began: it may be renewed meanwhile
  std::unique_ptr<char[]> buffer_;              // not zeroed: that costs more than a small mail
  std::optional<ServerMachine> machine_;        // once the peer is known
  std::string peer_;                            // for limits
  std::string counted_as_;                      // among the clients; empty: not counted
  std::size_t held_ = 0;                        // of shared_.bytes
  std::size_t timed_ = static_cast<std::size_t>(-1);
  SteadyClock::time_point deadline_;
};

/// Learns who it is, and starts TLS where it comes first. False: nothing more is to be said.
net::Task<bool> ServerSession::meet() {
  std::string address = stream_.remote().address;
  bool proxy = std::ranges::find(settings_.proxies, address) != settings_.proxies.end();
  if (proxy) {
    auto client = co_await read_proxy_header();
    if (!client) {
      shared_.tell(ServerEvent::proxy_broken);
      co_return false;
    }
    proxy = client->empty();  // it speaks for itself, and is not limited
    if (!proxy) address = *std::move(client);
  }
  machine_.emplace(protocol(), address);
  peer_ = net::client_of(address);
  if (settings_.tls_at_once && !co_await start_tls()) co_return false;
  if (!proxy) admit();
  co_return true;
}

/// The client's address; empty where the proxy speaks for itself; nothing where there is no proper header.
net::Task<std::optional<std::string>> ServerSession::read_proxy_header() {
  net::ProxyHeader header;
  const auto deadline = SteadyClock::now() + kProxyLimit;
  while (header.state() == net::ProxyHeader::State::more) {
    const auto left = std::chrono::duration_cast<base::Duration>(deadline - SteadyClock::now());
    if (left <= base::Duration{0}) co_return std::nullopt;
    const auto got = co_await stream_.read_some({buffer_.get(), std::min(header.wanted(), kReadBuffer)}, left);
    if (!got) co_return std::nullopt;
    header.read({buffer_.get(), got.bytes});
  }
  if (header.state() == net::ProxyHeader::State::broken) co_return std::nullopt;
  co_return header.client().value_or("");
}

void ServerSession::admit() {
  const std::size_t most = settings_.peer.connections;
  if (most == 0) return;
  if (shared_.clients.enter(peer_, most)) {
    counted_as_ = peer_;
    return;
  }
  shared_.tell(ServerEvent::too_many_connections);
  machine_->dismiss("421 4.7.0 too many connections from you");
}

net::Task<> ServerSession::talk() {
  for (bool open = true; open;) {
    switch (machine_->next()) {
      case ServerMachine::Action::read:
        open = co_await read();
        break;
      case ServerMachine::Action::write:
        open = co_await write();
        break;
      case ServerMachine::Action::decide:
        machine_->answer(co_await decide());
        hold(machine_->held());
        break;
      case ServerMachine::Action::start_tls:
        open = co_await start_tls();
        break;
      case ServerMachine::Action::close:
        open = false;
        break;
    }
  }
}

net::Task<bool> ServerSession::read() {
  auto now = SteadyClock::now();
  if (timed_ != machine_->progress()) {
    timed_ = machine_->progress();
    deadline_ = now + (machine_->receiving() ? settings_.limits.content : settings_.limits.command);
  }
  if (shared_.draining && machine_->idle()) {
    machine_->dismiss("421 4.3.2 closing, come back later");
    co_return true;
  }
  const auto left = std::max(std::chrono::ceil<base::Duration>(deadline_ - now), base::Duration{0});
  const auto got = co_await stream_.read_some({buffer_.get(), kReadBuffer}, std::min(left, kLook));
  if (got) {
    machine_->received({buffer_.get(), got.bytes});
    hold(machine_->held());
  }
  if (got.status == net::IoStatus::timed_out && left <= kLook) {
    shared_.tell(ServerEvent::too_slow);
    machine_->dismiss("421 4.4.2 too slow");
  }
  co_return bool(got) || got.status == net::IoStatus::timed_out;
}

net::Task<bool> ServerSession::write() {
  auto output = machine_->output();
  auto sent = co_await stream_.write({&output, 1}, settings_.limits.write);
  machine_->written();
  co_return bool(sent);
}

net::Task<bool> ServerSession::start_tls() {
  auto started = co_await stream_.start_tls(*tls_, std::min(settings_.limits.command, settings_.limits.write));
  if (started) {
    machine_->tls_started();
  } else {
    shared_.tell(ServerEvent::tls_failed);
  }
  co_return bool(started);
}

/// Notes what this session has in hand, and puts a large mail off where all have too much.
void ServerSession::hold(std::size_t bytes) {
  const std::size_t all = shared_.bytes += bytes - held_;
  held_ = bytes;
  if (settings_.limits.bytes == 0 || all <= settings_.limits.bytes || bytes <= kFairShare) return;
  if (!machine_->receiving()) return;
  shared_.tell(ServerEvent::too_many_bytes);
  machine_->dismiss("421 4.3.1 too much mail at once, come back later");
}

net::Task<Answer> ServerSession::decide() {
  auto& visit = machine_->visit();
  Receiver& receiver = shared_.receiver;
  switch (machine_->question()) {
    case ServerMachine::Question::connect:
      return receiver.connected(visit);
    case ServerMachine::Question::hello:
      return receiver.hello(visit);
    case ServerMachine::Question::auth:
      return authenticate();
    case ServerMachine::Question::mail:
      if (!shared_.mails.take(peer_, SteadyClock::now())) return refused_later(ServerEvent::too_many_mails);
      return receiver.sender(visit, machine_->address());
    case ServerMachine::Question::rcpt:
      if (!shared_.recipients.take(peer_, SteadyClock::now())) return refused_later(ServerEvent::too_many_recipients);
      return receiver.recipient(visit, machine_->address());
    case ServerMachine::Question::message:
      break;
  }
  return receiver.message(visit);
}

net::Task<Answer> ServerSession::refused_later(ServerEvent event) {
  shared_.tell(event);
  co_return Answer{451, "4.7.1 too much from you in a minute, come back later"};
}

net::Task<Answer> ServerSession::authenticate() {
  const auto now = SteadyClock::now();
  if (!shared_.auth_failures.holds(peer_, now)) {
    shared_.tell(ServerEvent::too_many_failures);
    co_return Answer{421, "4.7.0 too many failures, come back later"};
  }
  auto answer = co_await shared_.receiver.authenticate(machine_->visit(), machine_->credentials());
  if (answer.code >= 500) {
    shared_.tell(ServerEvent::auth_failed);
    (void)shared_.auth_failures.take(peer_, now);
  }
  co_return answer;
}

}  // namespace

net::Task<> serve(net::Stream stream, std::shared_ptr<Server::Shared> shared) {
  ServerSession session(std::move(stream), std::move(shared));
  co_await session.run();
}

}  // namespace todoku::smtp
