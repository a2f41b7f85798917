#include "smtp/client_session.h"

#include "net/tls.h"

namespace todoku::smtp {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr base::Duration kLastWords{1000};

Cause cause_of(net::IoStatus status) {
  switch (status) {
    case net::IoStatus::closed:
      return Cause::closed;
    case net::IoStatus::timed_out:
      return Cause::timeout;
    case net::IoStatus::cancelled:
      return Cause::cancelled;
    case net::IoStatus::ok:
    case net::IoStatus::failed:
      break;
  }
  return Cause::network;
}

ClientOptions client_options(const SessionOptions& options) {
  auto client = options.client;
  if (!options.tls && client.tls == TlsMode::opportunistic) client.tls = TlsMode::off;
  return client;
}

/// Nobody understands why a mail was not sent over a connection that was there, unless it is said who wants that.
void explain(Failure& failure, const Security& security) {
  const bool tls = failure.cause == Cause::tls_failed || failure.cause == Cause::tls_missing;
  if (!tls || security.why.empty()) return;
  if (!failure.detail.empty()) failure.detail += "; ";
  failure.detail += "nothing was sent, since " + security.why + " asks for TLS";
  if (security.proof != net::TlsProof::none) failure.detail += " with a certificate that can be verified";
}

std::string tls_text(const net::TlsInfo& tls) {
  return tls.version + " " + tls.cipher + (tls.resumed ? ", resumed" : "") +
         (tls.verified ? ", certificate verified" : ", certificate not verified: " + tls.verify_error);
}

}  // namespace

ClientSession::ClientSession(net::Stream stream, Target target, SessionOptions options)
    : stream_(std::move(stream)),
      target_(std::move(target)),
      options_(std::move(options)),
      machine_(client_options(options_)) {}

ClientSession::~ClientSession() { show(Witness::Kind::ended); }

net::Task<Opened> ClientSession::open(Target target, SessionOptions options) {
  if (target.security.tls && options.client.tls != TlsMode::immediate) options.client.tls = *target.security.tls;
  auto opened = co_await open_once(target, options);
  if (!opened) explain(opened.failure, target.security);
  bool again = !opened && opened.failure.cause == Cause::tls_failed && options.client.tls == TlsMode::opportunistic &&
               options.plain_after_failed_handshake;
  if (!again) co_return opened;
  options.client.tls = TlsMode::off;
  co_return co_await open_once(std::move(target), std::move(options));
}

net::Task<Opened> ClientSession::open_once(Target target, SessionOptions options) {
  const std::shared_ptr<Witness> witness = options.witness;
  if (witness) {
    witness->saw(Witness::Kind::connecting,
                 target.host + " [" + target.address + "] port " + std::to_string(target.port));
  }
  net::ConnectOptions connect{options.limits.connect, options.source_address};
  auto stream = co_await net::Stream::connect({target.address, target.port}, std::move(connect));
  if (!stream) {
    if (witness) witness->saw(Witness::Kind::failed, stream.error().message);
    auto cause = stream.error().code == base::ErrorCode::limit ? Cause::timeout : Cause::connect_failed;
    co_return Opened{nullptr, Failure{Stage::connect, cause, {}, stream.error().message}};
  }
  std::unique_ptr<ClientSession> session(new ClientSession(std::move(*stream), std::move(target), std::move(options)));
  session->show(Witness::Kind::connected);
  session->stream_.set_overall_limit(session->options_.limits.opening);
  co_await session->drive();
  if (session->usable()) co_return Opened{std::move(session), {}};
  auto failure = *session->failure();
  if (failure.cause == Cause::tls_failed) failure.tls_fault = session->stream_.tls_fault();
  co_return Opened{nullptr, std::move(failure)};
}

net::Task<SendOutcome> ClientSession::send(const Envelope& mail, const Envelope* next) {
  stream_.set_overall_limit(options_.limits.mail);
  machine_.send(mail, next);
  co_await drive();
  co_return machine_.take_outcome();
}

net::Task<> ClientSession::noop() {
  stream_.set_overall_limit(options_.limits.command);
  if (machine_.noop()) co_await drive();
}

net::Task<Reply> ClientSession::ask(std::string command) {
  stream_.set_overall_limit(options_.limits.command);
  machine_.ask(std::move(command));
  co_await drive();
  co_return usable() ? machine_.answer() : Reply{};
}

net::Task<> ClientSession::quit() {
  stream_.set_overall_limit(options_.limits.quit);
  machine_.quit();
  co_await drive();
  stream_.close();
}

net::Task<> ClientSession::drive() {
  for (;;) {
    switch (machine_.next()) {
      case ClientMachine::Action::write:
        co_await write();
        break;
      case ClientMachine::Action::read:
        co_await read();
        break;
      case ClientMachine::Action::start_tls:
        co_await start_tls();
        break;
      case ClientMachine::Action::rest:
        co_return;
    }
  }
}

base::Duration ClientSession::limit() const {
  const auto& limits = options_.limits;
  switch (machine_.stage()) {
    case Stage::connect:
      return limits.greeting;
    case Stage::data:
      return limits.data;
    case Stage::eod:
      return limits.end_of_data;
    case Stage::quit:
      return limits.quit;
    default:
      return limits.command;
  }
}

// Of the reply that is awaited, from when it was first waited for.
base::Duration ClientSession::time_left() {
  auto now = SteadyClock::now();
  if (timed_reply_ != machine_.replies()) {
    timed_reply_ = machine_.replies();
    deadline_ = now + limit();
  }
  return std::max(std::chrono::ceil<base::Duration>(deadline_ - now), base::Duration{0});
}

net::Task<> ClientSession::write() {
  timed_reply_ = static_cast<std::size_t>(-1);  // a limit begins when the command is out
  if (options_.witness) show(Witness::Kind::sent, machine_.shown_output());
  auto sent = co_await stream_.write(machine_.output(), options_.limits.block);
  if (sent) {
    machine_.written();
  } else if (sent.status != net::IoStatus::closed || !co_await hear_last_words()) {
    io_failed(sent.status, sent.bytes);
  }
}

// A server that closes while we write has often said why before: "552 too big", "421 …".
net::Task<bool> ClientSession::hear_last_words() {
  auto replies = machine_.replies();
  auto got = co_await stream_.read_some(buffer_, kLastWords);
  if (got) show(Witness::Kind::received, {buffer_.data(), got.bytes});
  if (got) machine_.received({buffer_.data(), got.bytes});
  co_return machine_.replies() != replies&& machine_.next() == ClientMachine::Action::rest;
}

net::Task<> ClientSession::read() {
  auto got = co_await stream_.read_some(buffer_, time_left());
  if (got) {
    show(Witness::Kind::received, {buffer_.data(), got.bytes});
    machine_.received({buffer_.data(), got.bytes});
  } else {
    io_failed(got.status, 0);
  }
}

net::Task<> ClientSession::start_tls() {
  if (!options_.tls) co_return machine_.failed(Cause::tls_failed, "no TLS configured");
  const auto& security = target_.security;
  net::TlsPeer peer{.name = security.name.empty() ? target_.host : security.name,
                    .other_names = security.other_names,
                    .proof = security.proof,
                    .tlsa = security.tlsa,
                    .place = target_.address + ':' + std::to_string(target_.port)};
  auto started = co_await stream_.start_tls(*options_.tls, std::move(peer), options_.limits.command);
  if (started) {
    if (options_.witness) show(Witness::Kind::secured, tls_text(*stream_.tls()));
    machine_.tls_started();
    co_return;
  }
  show(Witness::Kind::failed, stream_.error());
  machine_.failed(started.status == net::IoStatus::cancelled ? Cause::cancelled : Cause::tls_failed, stream_.error());
}

void ClientSession::io_failed(net::IoStatus status, std::size_t written) {
  show(Witness::Kind::failed, stream_.error().empty() ? to_string(status) : stream_.error());
  machine_.failed(cause_of(status), stream_.error(), written);
}

}  // namespace todoku::smtp
