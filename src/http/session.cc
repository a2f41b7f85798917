#include "http/session.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>

#include "base/ascii.h"
#include "base/log.h"
#include "http/response.h"

namespace todoku::http {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kReadBuffer = 16 * 1024;
constexpr base::Duration kLook{500};             // how often an idle connection looks whether the server drains
constexpr base::Duration kLinger{1000};          // for a client that still sends what nobody reads
constexpr std::size_t kLingerBytes = 256 << 10;  // likewise

base::Duration since(SteadyClock::time_point start) {
  return std::chrono::duration_cast<base::Duration>(SteadyClock::now() - start);
}

/// Counts the connection while it lives.
class Presence {
 public:
  Presence(Server::Shared& shared, std::string client, bool limited)
      : shared_(shared),
        client_(std::move(client)),
        welcome_(!limited || shared.clients.enter(client_, shared.options.connections_per_address)),
        counted_(limited && welcome_) {
    ++shared_.connections;
  }
  Presence(const Presence&) = delete;
  Presence& operator=(const Presence&) = delete;
  ~Presence() {
    if (counted_) shared_.clients.leave(client_);
    --shared_.connections;
  }
  [[nodiscard]] bool welcome() const { return welcome_; }

 private:
  Server::Shared& shared_;
  std::string client_;
  bool welcome_;
  bool counted_;
};

class Session {
 public:
  Session(net::Stream stream, Server::Shared& shared)
      : stream_(std::move(stream)),
        shared_(shared),
        address_(stream_.remote().address),
        trusted_(std::ranges::find(shared.options.trusted_proxies, address_) != shared.options.trusted_proxies.end()),
        presence_(shared, net::client_of(address_), !trusted_),
        buffer_(std::make_unique_for_overwrite<char[]>(kReadBuffer)) {}

  net::Task<> run();

 private:
  enum class Waited { bytes, timed_out, over };

  net::Task<bool> secure();
  net::Task<bool> serve_one();
  net::Task<bool> read_request();
  net::Task<bool> read_header();
  net::Task<bool> read_body();
  net::Task<Waited> read_some(base::Duration limit);
  net::Task<Waited> wait_for_request();
  net::Task<Response> answer();
  net::Task<Response> handle(const Route& route);
  net::Task<bool> send(const Response& response, bool keep_alive);
  net::Task<> linger();
  void complete_request();
  void refuse(Problem problem) { refusal_ = error_response(problem); }
  void refuse_bad();
  void observe(int status, base::Duration took);
  [[nodiscard]] bool may_go_on() const;

  net::Stream stream_;
  Server::Shared& shared_;
  std::string address_;
  bool trusted_;
  Presence presence_;
  std::unique_ptr<char[]> buffer_;  // not zeroed: that costs more than a small request
  std::string input_;               // read and not parsed yet
  std::optional<RequestParser> parser_;
  Router::Match match_;
  std::optional<Response> refusal_;  // of the request before it was complete
  SteadyClock::time_point began_;    // the request's first byte
  std::size_t served_ = 0;
};

net::Task<> Session::run() {
  if (!co_await secure()) co_return;
  if (!presence_.welcome()) {
    const Response busy =
        error_response({429, "too_many_connections", "too many connections from this address", "close some of them"});
    (void)co_await send(busy, false);
    co_await linger();
    co_return;
  }
  while (co_await serve_one()) {
  }
  stream_.close();
}

/// A client that is one too many gets no handshake: that would be the costly part.
net::Task<bool> Session::secure() {
  if (!shared_.secure) co_return true;
  if (!presence_.welcome()) co_return false;
  const std::shared_ptr<net::TlsServerContext> context = shared_.tls();  // may be renewed meanwhile
  co_return bool(co_await stream_.start_tls(*context, shared_.options.request));
}

/// True: the connection is good for another request.
net::Task<bool> Session::serve_one() {
  parser_.emplace(shared_.options.parser);
  match_ = {};
  refusal_.reset();
  if (!co_await read_request()) co_return false;
  ++served_;
  const bool whole = !refusal_ && parser_->state() == RequestParser::State::done;
  const Response response = refusal_ ? *std::move(refusal_) : co_await answer();
  const bool keep_alive = whole && may_go_on();
  const bool sent = co_await send(response, keep_alive);
  observe(response.status, since(began_));
  if (sent && !whole) co_await linger();
  co_return sent&& keep_alive;
}

bool Session::may_go_on() const {
  return parser_->keep_alive() && served_ < shared_.options.requests_per_connection && !shared_.draining;
}

/// False: nobody is there to be answered. Else the request is complete, or refusal_ says why not.
net::Task<bool> Session::read_request() {
  if (!co_await read_header()) co_return false;
  if (refusal_) co_return true;
  complete_request();
  match_ = shared_.router.match(parser_->request());
  if (parser_->state() == RequestParser::State::done) co_return true;
  if (match_.route == nullptr) {  // its body need not be read to be refused
    refusal_ = co_await answer();
    co_return true;
  }
  parser_->limit_body(match_.route->body_limit);
  co_return co_await read_body();
}

net::Task<bool> Session::read_header() {
  if (input_.empty()) {
    const Waited waited = co_await wait_for_request();
    if (waited != Waited::bytes) co_return false;
  }
  began_ = SteadyClock::now();
  for (;;) {
    input_.erase(0, parser_->feed(input_));
    if (parser_->state() != RequestParser::State::header) break;
    const Waited waited = co_await read_some(shared_.options.request - since(began_));
    if (waited == Waited::over) co_return false;
    if (waited == Waited::timed_out) {
      refuse({408, "too_slow", "the request took too long", "send it at once"});
      co_return true;
    }
  }
  if (parser_->state() == RequestParser::State::bad) refuse_bad();
  co_return true;
}

net::Task<bool> Session::read_body() {
  using State = RequestParser::State;
  if (parser_->state() == State::body && parser_->expects_continue()) {
    const std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    if (!co_await stream_.write({&go_on, 1}, shared_.options.write)) co_return false;
  }
  while (parser_->state() == State::body) {
    input_.erase(0, parser_->feed(input_));
    if (parser_->state() != State::body) break;
    const Waited waited = co_await read_some(shared_.options.request - since(began_));
    if (waited == Waited::over) co_return false;
    if (waited == Waited::timed_out) {
      refuse({408, "too_slow", "the request's body took too long", "send it at once"});
      co_return true;
    }
  }
  if (parser_->state() == State::bad) refuse_bad();
  co_return true;
}

void Session::refuse_bad() {
  const BadRequest& bad = parser_->bad();
  refuse({bad.status, bad.code, bad.message, bad.hint});
}

net::Task<Session::Waited> Session::read_some(base::Duration limit) {
  const net::IoResult got =
      co_await stream_.read_some({buffer_.get(), kReadBuffer}, std::max(limit, base::Duration{1}));
  if (got) input_.append(buffer_.get(), got.bytes);
  if (got) co_return Waited::bytes;
  co_return got.status == net::IoStatus::timed_out ? Waited::timed_out : Waited::over;
}

/// In steps, so that a draining server need not wait for those who say nothing.
net::Task<Session::Waited> Session::wait_for_request() {
  const auto start = SteadyClock::now();
  while (!shared_.draining) {
    const base::Duration left = shared_.options.idle - since(start);
    if (left.count() <= 0) break;
    const Waited waited = co_await read_some(std::min(left, kLook));
    if (waited != Waited::timed_out) co_return waited;
  }
  co_return Waited::timed_out;
}

/// Who asks, seen through proxies that are trusted.
void Session::complete_request() {
  Request& request = parser_->request();
  request.peer = address_;
  request.secure = shared_.secure;
  request.proxied =
      std::ranges::any_of(std::array<std::string_view, 4>{"X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"},
                          [&](std::string_view name) { return request.fields.has(name); });
  if (!trusted_) return;
  if (base::iequals(request.fields.get("X-Forwarded-Proto"), "https")) request.secure = true;
  // The last one was written by the proxy itself; what stands before it, anybody may have written.
  const std::string_view chain = request.fields.get("X-Forwarded-For");
  const std::size_t comma = chain.rfind(',');
  const std::string_view client = base::trim(comma == std::string_view::npos ? chain : chain.substr(comma + 1));
  if (!client.empty()) request.peer = client;
}

net::Task<Response> Session::answer() {
  if (match_.route != nullptr) co_return co_await handle(*match_.route);
  if (match_.allowed.empty() && parser_->request().target != "*") {
    co_return error_response({404, "not_found", "there is nothing at this path", "see docs/openapi.yaml"});
  }
  std::string allowed = "OPTIONS";
  for (const Method method : match_.allowed) {
    allowed.append(", ").append(to_string(method));
    if (method == Method::get) allowed += ", HEAD";
  }
  const bool asked = parser_->request().method == Method::options;
  Response response = asked ? Response{.status = 204, .fields = {}, .body = {}}
                            : error_response({405, "method_not_allowed", "this path does not take that method",
                                              "the Allow field lists those it takes"});
  response.fields.add("Allow", allowed);
  co_return response;
}

net::Task<Response> Session::handle(const Route& route) {
  try {
    co_return co_await route.handler(parser_->request());
  } catch (const std::exception& e) {
    // The border of a session: the database was lost, memory is full; the next request may fare better.
    base::log::error("http_failed", {{"route", route.pattern}, {"cause", e.what()}});
  }
  co_return error_response({500, "internal", "something failed here", "try again; the server's log has the cause"});
}

net::Task<bool> Session::send(const Response& response, bool keep_alive) {
  const bool secure = parser_ && parser_->state() != RequestParser::State::header && parser_->request().secure;
  const std::string head =
      head_of(response, {.now = shared_.clock.now(), .keep_alive = keep_alive, .secure = secure || shared_.secure});
  const bool head_only = parser_ && parser_->request().method == Method::head;
  const std::array<std::string_view, 2> pieces = {head, response.body};
  co_return bool(co_await stream_.write(std::span(pieces).first(head_only ? 1 : 2), shared_.options.write));
}

/// Reads and drops what is still coming: closing at once would reset the connection and take the response along.
net::Task<> Session::linger() {
  const auto start = SteadyClock::now();
  std::size_t dropped = input_.size();
  while (dropped < kLingerBytes && since(start) < kLinger) {
    input_.clear();
    if (co_await read_some(kLinger - since(start)) != Waited::bytes) break;
    dropped += input_.size();
  }
}

void Session::observe(int status, base::Duration took) {
  const std::string_view route = match_.route != nullptr ? std::string_view(match_.route->pattern) : "";
  const std::string_view method = to_string(parser_->request().method);
  const std::string_view peer = parser_->request().peer.empty() ? address_ : parser_->request().peer;
  base::log::debug("http",
                   {{"method", method}, {"route", route}, {"status", status}, {"ms", took.count()}, {"peer", peer}});
  if (shared_.options.observe) shared_.options.observe({route, method, status, took, peer});
}

}  // namespace

net::Task<> serve(net::Stream stream, std::shared_ptr<Server::Shared> shared) {
  Session session(std::move(stream), *shared);
  co_await session.run();
}

}  // namespace todoku::http
