#include "intake/mailbox/poller.h"

#include <algorithm>
#include <exception>

#include "base/log.h"
#include "bounce/analyser.h"
#include "intake/mailbox/driver.h"
#include "net/signal.h"

namespace todoku::intake::mailbox {
namespace {

using base::Error;
using base::ErrorCode;
using base::Result;

constexpr base::Duration kFirstPause{2'000};
constexpr base::Duration kLongestPause{300'000};
/// A server that locks accounts out is not to be asked with a wrong password again and again.
constexpr base::Duration kLoginPause{60'000};
constexpr int kMostDoublings = 8;
constexpr base::Duration kConnectLimit{20'000};

bool is_address(std::string_view host) {
  return host.find(':') != std::string_view::npos || host.find_first_not_of("0123456789.") == std::string_view::npos;
}

base::Duration pause_after(const Trouble& trouble, int failures) {
  const auto doubled = kFirstPause * (1 << std::min(failures - 1, kMostDoublings));
  const bool login = trouble.kind == Trouble::Kind::login;
  return std::min(std::max(doubled, login ? kLoginPause : base::Duration{0}), kLongestPause);
}

}  // namespace

Result<std::unique_ptr<Poller>> Poller::make(Settings settings, Parts parts) {
  auto tls = net::TlsClientContext::create({.verify = net::TlsVerify::name, .authorities_file = settings.ca_file});
  if (!tls) return std::move(tls).error();
  return std::unique_ptr<Poller>(new Poller(std::move(settings), std::move(parts), *std::move(tls)));
}

Poller::Poller(Settings settings, Parts parts, std::unique_ptr<net::TlsClientContext> tls)
    : settings_(std::move(settings)),
      key_(state_key(settings_)),
      parts_(std::move(parts)),
      tls_(std::move(tls)),
      logins_(settings_, parts_.runtime, parts_.clock, parts_.store, parts_.post) {}

void Poller::start() { parts_.runtime.spawn(run()); }

void Poller::well() {
  failures_ = 0;
  parts_.say(settings_.name, "");
}

net::Task<> Poller::run() {
  while (!parts_.runtime.closing()) {
    Trouble trouble;
    try {
      trouble = co_await visit();
    } catch (const std::exception& failure) {  // the database is away: the mails wait where they are
      trouble = {Trouble::Kind::lost, std::string("what came cannot be kept: ") + failure.what()};
    }
    if (parts_.runtime.closing()) co_return;
    base::Duration pause = settings_.poll;
    if (trouble.any()) {
      const bool over = trouble.kind == Trouble::Kind::login && logins_.refused();
      pause = over ? kFirstPause : pause_after(trouble, ++failures_);
      parts_.say(settings_.name, trouble.words);
      base::log::warning("mailbox_failed", {{"mailbox", settings_.name}, {"cause", trouble.words}});
    }
    if (!co_await net::sleep(pause)) co_return;
  }
}

net::Task<Trouble> Poller::visit() {
  auto login = co_await logins_.login();
  if (!login) co_return Trouble{Trouble::Kind::login, login.error().text()};
  auto stream = co_await connect();
  if (!stream) co_return Trouble{Trouble::Kind::lost, stream.error().text()};
  net::TlsPeer peer;
  peer.name = settings_.server;
  peer.proof = net::TlsProof::authorities;
  peer.place = settings_.server + ':' + std::to_string(port_of(settings_));
  Line line{*stream, *tls_, std::move(peer)};
  stream->set_overall_limit(kOperationLimit);
  if (settings_.protocol == Protocol::pop3) co_return co_await visit_pop3(line, *std::move(login));
  co_return co_await visit_imap(line, *std::move(login));
}

net::Task<Result<std::vector<std::string>>> Poller::addresses() {
  if (is_address(settings_.server)) co_return std::vector{settings_.server};
  if (settings_.server == "localhost") co_return std::vector<std::string>{"127.0.0.1", "::1"};
  auto found = co_await parts_.resolver.addresses(settings_.server);
  if (found.status == dns::Status::ok) co_return std::move(found.records);
  const bool unknown = found.status == dns::Status::no_domain || found.status == dns::Status::no_data;
  co_return Error{ErrorCode::unavailable,
                  unknown ? "there is no server of this name"
                          : "its address cannot be looked up: " + std::string(dns::to_string(found.status)),
                  unknown ? "check 'server'" : "", settings_.server};
}

net::Task<Result<net::Stream>> Poller::connect() {
  const auto found = co_await addresses();
  if (!found) co_return found.error();
  Error last{ErrorCode::unavailable, "it has no address", "", settings_.server};
  for (const std::string& address : *found) {
    auto stream = co_await net::Stream::connect({address, port_of(settings_)}, {.limit = kConnectLimit});
    if (stream) co_return *std::move(stream);
    last = stream.error();
    last.message = "no connection to port " + std::to_string(port_of(settings_)) + ": " + last.message;
    last.where = settings_.server;
  }
  co_return last;
}

net::Task<std::vector<std::uint64_t>> Poller::take(std::vector<FetchedMail> mails) {
  if (mails.empty()) co_return std::vector<std::uint64_t>();
  co_return co_await net::offload(parts_.runtime, [this, &mails] { return take_now(std::move(mails)); });
}

/// Those that may be removed or moved now that they are taken.
std::vector<std::uint64_t> Poller::take_now(std::vector<FetchedMail> mails) {
  const base::Time now = parts_.clock.now();
  const bounce::Analyser analyser(parts_.rules);
  std::vector<std::uint64_t> removable;
  std::vector<Arrival> arrivals;
  arrivals.reserve(mails.size());
  for (FetchedMail& mail : mails) {
    const bool of_a_system =
        settings_.after != After::keep && analyser.analyse(mail.content).kind != bounce::Kind::other;
    if (of_a_system) removable.push_back(mail.number);
    Arrival arrival;
    arrival.road = Road::mailbox;
    arrival.place = settings_.name;
    arrival.content = std::move(mail.content);
    if (arrival.content.size() >= Limits{}.mail) arrival.lacking = beginning_alone(Limits{}.mail);  // no more was read
    arrival.at = now;
    arrivals.push_back(std::move(arrival));
  }
  parts_.taker.take(arrivals);
  return removable;
}

}  // namespace todoku::intake::mailbox
