// `todoku trace-smtp`: the conversation with a destination's server, live: a probe of its own, or the sessions of the
// running daemon.
#include "app/trace_command.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <array>
#include <chrono>
#include <cstring>
#include <memory>
#include <string>

#include "app/command.h"
#include "app/delivery_settings.h"
#include "app/interruption.h"
#include "app/name_check.h"
#include "app/phrase.h"
#include "app/serve/session_watch.h"
#include "app/trace_text.h"
#include "app/transport_wiring.h"
#include "bounce/explanation.h"
#include "bounce/rules.h"
#include "delivery/judgement.h"
#include "delivery/route.h"
#include "mail/address.h"
#include "mail/domain.h"

namespace todoku::app {
namespace {

using base::ErrorCode;

constexpr Phrase kNowhere{"{} の送り先がありません: {}\n", "there is nowhere to send mail for {}: {}\n"};
constexpr Phrase kVerdict{"→ {}({}){}\n", "→ {} ({}) {}\n"};
constexpr Phrase kOpen{"→ 接続できました。{}\n", "→ A session was opened. {}\n"};
constexpr Phrase kNoMail{"メールは送っていません。", "No mail was sent."};
constexpr Phrase kWatching{"{} への配信セッションを待っています(Ctrl-C で終了)。\n",
                           "Waiting for sessions to {} (Ctrl-C ends).\n"};
constexpr Phrase kNoDaemon{"このデータフォルダで配信中の todoku serve が見つかりません",
                           "no todoku serve that delivers runs on this data folder"};

struct Arguments {
  std::string destination;
  std::string from;
  std::string to;
  int port = 0;
  bool watch = false;
};

/// Prints what it sees as it happens.
class Printer final : public smtp::Witness {
 public:
  void saw(Kind kind, std::string_view text) override {
    if (kind == Kind::connecting) begin_ = std::chrono::steady_clock::now();
    const auto since = std::chrono::duration_cast<base::Duration>(std::chrono::steady_clock::now() - begin_);
    fmt::print("{}", text_.lines(kind, text, since));
    std::fflush(stdout);  // NOLINT(cert-err33-c): the next write tells as well
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  TraceText text_;
};

std::string ascii_domain(Context& context, const std::string& typed) {
  std::string ascii;
  std::size_t bad = 0;
  const std::size_t at = typed.rfind('@');
  const auto problem = mail::to_ascii_domain(at == std::string::npos ? typed : typed.substr(at + 1), ascii, bad);
  if (!problem) return ascii;
  context.fail({ErrorCode::invalid, problem->message, problem->hint, typed}, 2);
  throw Stop{};
}

/// In the form of the envelope; empty stays empty.
std::string envelope_address(Context& context, const std::string& typed) {
  if (typed.empty()) return typed;
  const auto address = mail::parse_address(typed);
  const bool plain = address && typed.find_first_of(" <>\r\n") == std::string::npos;
  if (plain) return typed;
  context.fail({ErrorCode::invalid, "that is not an address", "write it as name@example.jp", typed}, 2);
  throw Stop{};
}

struct Probe {
  std::string domain;
  std::string from;
  std::string to;
  smtp::SessionOptions options;
  delivery::Route route;
  bool opened = false;
  smtp::Failure failure;
  std::string remote;
  smtp::Reply refusal;  // of MAIL or RCPT
  smtp::Stage refused_at = smtp::Stage::none;
};

net::Task<bool> asked(smtp::ClientSession* session, Probe* probe, std::string command, smtp::Stage stage) {
  const smtp::Reply reply = co_await session->ask(std::move(command));
  if (reply.positive()) co_return true;
  if (!session->usable()) {  // 421, or the connection is gone
    probe->opened = false;
    probe->failure = *session->failure();
    co_return false;
  }
  probe->refusal = reply;
  probe->refused_at = stage;
  co_return false;
}

/// The hosts in the order of sending, until one takes a session; then MAIL and RCPT where they are given, and never a
/// mail.
net::Task<> converse(delivery::Router* router, Probe* probe) {
  probe->route = co_await router->route(probe->domain);
  for (const smtp::Target& target : probe->route.targets) {
    probe->remote = target.host + " [" + target.address + "]";
    smtp::Opened opened = co_await smtp::ClientSession::open(target, probe->options);
    if (!opened) {
      probe->failure = opened.failure;
      continue;
    }
    probe->opened = true;
    smtp::ClientSession* session = opened.session.get();
    if (!probe->to.empty() || !probe->from.empty()) {
      bool goes_on = co_await asked(session, probe, "MAIL FROM:<" + probe->from + ">", smtp::Stage::mail);
      if (goes_on && !probe->to.empty()) {
        goes_on = co_await asked(session, probe, "RCPT TO:<" + probe->to + ">", smtp::Stage::rcpt);
      }
      if (session->usable()) (void)co_await session->ask("RSET");
    }
    if (session->usable()) co_await session->quit();
    co_return;
  }
}

void print_verdict(Context& context, const Probe& probe) {
  const bounce::Language language = context.lang();
  if (const auto& problem = probe.route.problem) {
    fmt::print(fmt::runtime(kNowhere.in(language)), probe.domain, one_line(problem->text));
    context.exit_status = 1;
    return;
  }
  if (probe.opened && probe.refused_at == smtp::Stage::none) {
    fmt::print(fmt::runtime(kOpen.in(language)), kNoMail.in(language));
    return;
  }
  context.exit_status = 1;
  const auto rules = bounce::Rules::load(context.own_rules());
  if (!rules) return context.fail(rules.error());
  const delivery::Attempt attempt{.campaign = {},
                                  .contact = {},
                                  .at = base::SystemClock().now(),
                                  .recipient = probe.to,
                                  .site = probe.domain,
                                  .remote = probe.remote};
  smtp::SendOutcome refused{.kind = smtp::SendOutcome::Kind::refused,
                            .stage = probe.refused_at,
                            .reply = probe.refusal,
                            .detail = {},
                            .refused = {}};
  const queue::Outcome outcome =
      probe.opened ? delivery::judge(**rules, attempt, refused) : delivery::judge(**rules, attempt, probe.failure);
  const auto reason = bounce::reason_of(outcome.reason);
  if (!reason) return;
  const bounce::Explanation& explanation = bounce::explain(*reason, language);
  fmt::print(fmt::runtime(kVerdict.in(language)), explanation.name, outcome.reason, explanation.what);
}

template <class T>
T need(Context& context, base::Result<T> result) {
  if (result) return *std::move(result);
  context.fail(result.error(), 2);
  throw Stop{};
}

void probe(Context& context, const Arguments& arguments) {
  const Config& config = context.config();
  Probe probe;
  probe.domain = ascii_domain(context, arguments.destination);
  probe.from = envelope_address(context, arguments.from);
  probe.to = envelope_address(context, arguments.to);
  net::Runtime runtime({.threads = 1, .workers = 1});
  const base::SystemClock clock;
  const auto resolver = need(context, dns::make_resolver(runtime, resolver_options(config)));
  const auto tls = need(context, tls_context(config));
  probe.options = need(context, delivery_options(config, *tls)).session;
  if (const auto names = sending_names(config); !config.sources().empty() && !names.empty()) {
    probe.options.source_address = names.front().address;
    probe.options.client.helo = names.front().helo;
  }
  probe.options.witness = std::make_shared<Printer>();
  const auto transport = need(context, TransportWiring::make(config, *resolver, context.store(), clock));
  const bool by_smart_host = !config.text("smarthost.host").empty();
  const auto port = [&](const char* key) {
    return static_cast<std::uint16_t>(arguments.port > 0 ? arguments.port : config.integer(key));
  };
  const auto router =
      by_smart_host ? delivery::route_by_smart_host(*resolver, config.text("smarthost.host"), port("smarthost.port"))
                    : delivery::route_by_mx(*resolver, port("smtp.port"), &transport->transport());
  runtime.run(converse(router.get(), &probe));
  print_verdict(context, probe);
  runtime.close(base::Duration{0});
}

/// Copies what the daemon tells until it ends, or the user does.
void copy(int descriptor) {
  const Interruption interruption;
  std::array<char, 4096> buffer{};
  while (!interruption.came()) {
    const ssize_t got = ::read(descriptor, buffer.data(), buffer.size());
    if (got <= 0) return;
    fmt::print("{}", std::string_view(buffer.data(), static_cast<std::size_t>(got)));
    std::fflush(stdout);  // NOLINT(cert-err33-c): the next write tells as well
  }
}

void watch(Context& context, const Arguments& arguments) {
  const std::string path = watch_socket(context.data).string();
  const bool name = arguments.destination == "*" || arguments.destination.find('.') == std::string::npos;
  const std::string question = name ? arguments.destination : ascii_domain(context, arguments.destination);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool fits = path.size() < sizeof address.sun_path;
  if (fits) std::memcpy(address.sun_path, path.data(), path.size());
  const bool connected = descriptor >= 0 && fits &&
                         ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  const std::string line = question + "\n";
  if (!connected || ::send(descriptor, line.data(), line.size(), MSG_NOSIGNAL) < 0) {
    context.fail({ErrorCode::unavailable, std::string(kNoDaemon.in(context.lang())),
                  "start todoku serve, or leave --watch out to open a session of your own", path});
  } else {
    fmt::print(stderr, fmt::runtime(kWatching.in(context.lang())), question);
    copy(descriptor);
  }
  if (descriptor >= 0) ::close(descriptor);
}

void trace(Context& context, const Arguments& arguments) {
  if (arguments.watch) return watch(context, arguments);
  probe(context, arguments);
}

}  // namespace

void add_trace_smtp(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand("trace-smtp", "Show the conversation with a destination's server, live");
  const auto arguments = std::make_shared<Arguments>();  // shared: options and callback outlive this call
  command->add_option("DESTINATION", arguments->destination, "A domain, or a host")->required();
  CLI::Option* from = command->add_option("--from", arguments->from, "Sender of a MAIL command; else none is said");
  CLI::Option* to = command->add_option("--to", arguments->to, "Recipient of a RCPT command; no mail follows");
  CLI::Option* port =
      command->add_option("--port", arguments->port, "Instead of smtp.port")->check(CLI::Range(1, 65535));
  command->add_flag("--watch", arguments->watch, "Watch the running daemon's sessions instead of opening one")
      ->excludes(from)
      ->excludes(to)
      ->excludes(port);
  command->callback([&context, arguments] { trace(context, *arguments); });
}

}  // namespace todoku::app
