#include "app/serve/meters.h"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <map>
#include <memory>

#include "app/serve/session_watch.h"
#include "bounce/explanation.h"
#include "campaign/campaign.h"
#include "intake/spoofing/alerts.h"
#include "provider/providers.h"
#include "queue/counts.h"
#include "remedy/notice.h"

namespace todoku::app {
namespace {

using metrics::latency_bounds;
using metrics::Reading;

constexpr std::chrono::seconds kFresh{5};  // so long a reading of the database serves all who ask

double seconds(base::Duration duration) { return static_cast<double>(duration.count()) / 1000; }

std::string_view result_word(queue::Result result) {
  constexpr std::string_view kWords[] = {"delivered", "deferred", "failed", "skipped", "cancelled"};
  return kWords[static_cast<std::size_t>(result)];
}

std::string reply_class(int code) { return code == 0 ? "none" : std::to_string(code / 100) + "xx"; }

std::string effect_word(const std::string& reason) {
  const auto known = bounce::reason_of(reason);
  return known ? std::string(bounce::to_string(bounce::effect_of(*known))) : "none";
}

/// Keeps the last reading for a while: everybody may ask, and the queue may be long.
class Kept {
 public:
  explicit Kept(std::function<Reading::Series()> read) : read_(std::move(read)) {}
  Reading::Series operator()() {
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (read_at_ == std::chrono::steady_clock::time_point() || now - read_at_ > kFresh) {
      series_ = read_();
      read_at_ = now;
    }
    return series_;
  }

 private:
  std::function<Reading::Series()> read_;
  std::mutex mutex_;
  Reading::Series series_;                         // guarded by mutex_
  std::chrono::steady_clock::time_point read_at_;  // likewise
};

std::function<Reading::Series()> kept(std::function<Reading::Series()> read) {
  auto keeper = std::make_shared<Kept>(std::move(read));  // std::function copies what it holds
  return [keeper] { return (*keeper)(); };
}

Reading::Series queue_series(store::Store& store) {
  Reading::Series series;
  const store::Lease db = store.read();
  for (const queue::QueueState& part : queue::queue_states(*db)) {
    const auto* provider = provider::Providers::built_in().of_domain(part.site);
    series[{provider == nullptr ? "other" : provider->name, part.state}] += static_cast<double>(part.recipients);
  }
  return series;
}

Reading::Series campaign_series(store::Store& store) {
  Reading::Series series;
  const store::Lease db = store.read();
  for (const campaign::Campaign& one : campaign::campaigns(*db))
    ++series[{std::string(campaign::to_string(one.state))}];
  return series;
}

Reading::Series notice_series(store::Store& store) {
  Reading::Series series;
  const store::Lease db = store.read();
  for (const remedy::TargetCount& count : remedy::count_notices(*db)) {
    series[{count.name, "waiting"}] = static_cast<double>(count.waiting);
    series[{count.name, "dead"}] = static_cast<double>(count.dead);
  }
  return series;
}

Reading::Series spoofing_series(store::Store& store) {
  Reading::Series series = {{{"elsewhere"}, 0}, {{"authorised"}, 0}};
  for (const auto& [kind, alerts] : intake::spoofing::count_open_alerts(*store.read())) {
    series[{kind}] = static_cast<double>(alerts);
  }
  return series;
}

double resident_bytes() {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/proc/self/statm", "r"), std::fclose);
  long size = 0;
  long resident = 0;
  if (!file || std::fscanf(file.get(), "%ld %ld", &size, &resident) != 2) return 0;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double open_files() {
  std::error_code ignored;  // unreadable: none are counted
  const std::filesystem::directory_iterator files("/proc/self/fd", ignored);
  return static_cast<double>(std::distance(begin(files), end(files)));
}

double cpu_seconds() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

}  // namespace

std::string provider_label(std::string_view receiver) {
  const auto* provider = provider::Providers::built_in().of_name(receiver);
  return provider == nullptr ? "other" : provider->name;
}

Meters::Meters(const Health& health)
    : health_(health),
      outcomes_(registry_.counter({"todoku_outcomes_total",
                                   "Attempts by what became of them, with the effect and reason of those that failed.",
                                   {"provider", "result", "effect", "reason"}})),
      replies_(registry_.counter({"todoku_replies_total",
                                  "Attempts by the class of the receiver's reply and the stage at which it came.",
                                  {"provider", "stage", "class"}})),
      rests_(
          registry_.counter({"todoku_rests_total",
                             "How often a receiver was suspended since it blocked us, and a campaign held at one that "
                             "refused it.",
                             {"provider", "kind"}})),
      sessions_(registry_.counter(
          {"todoku_sessions_total", "SMTP sessions, opened or not, by provider.", {"provider", "opened"}})),
      tls_(registry_.counter({"todoku_session_tls_total",
                              "Sessions opened, by TLS version (none: plain), whether the certificate was trusted, and "
                              "whether an earlier session was resumed.",
                              {"version", "trusted", "resumed"}})),
      session_seconds_(registry_.histogram(
          {"todoku_session_open_seconds", "From connecting to where mails can be sent.", {"provider"}},
          latency_bounds())),
      mail_seconds_(registry_.histogram(
          {"todoku_mail_seconds", "Over an open session, from a mail's beginning to its reply.", {"provider"}},
          latency_bounds())),
      lookups_(
          registry_.counter({"todoku_dns_lookups_total", "DNS questions by type and answer.", {"type", "status"}})),
      lookup_seconds_(registry_.histogram({"todoku_dns_lookup_seconds", "DNS answers, cached ones included.", {"type"}},
                                          latency_bounds())),
      requests_(registry_.counter(
          {"todoku_http_requests_total", "HTTP requests by route, method and status.", {"route", "method", "status"}})),
      request_seconds_(registry_.histogram(
          {"todoku_http_request_seconds", "From a request's first byte to its response.", {"route"}},
          latency_bounds())),
      intake_(registry_.counter({"todoku_intake_total",
                                 "What came in about sent mails, by road, what it was and what became of it.",
                                 {"road", "state", "kind"}})),
      served_(registry_.counter({"todoku_smtp_server_total",
                                 "Connections to our own SMTP servers, and what their limits ended or refused.",
                                 {"listener", "event"}})),
      bounce_recipients_(registry_.counter(
          {"todoku_bounce_recipients_total",
           "Recipients named to the bounce listener, by what address it is: forged ones have a wrong signature.",
           {"recipient", "result"}})),
      submissions_(
          registry_.counter({"todoku_submissions_total", "Mails that programs handed in, by the answer.", {"result"}})),
      notices_(registry_.counter({"todoku_notices_total",
                                  "Tries to post a stop, release or unsubscription to a system of the operator's.",
                                  {"target", "result"}})) {
  registry_.gauge({"todoku_connections", "SMTP connections open or being opened."},
                  [this] { return double(connections_); });
  registry_.gauge({"todoku_recipients_in_hand", "Recipients leased by this process and not settled."},
                  [this] { return static_cast<double>(recipients_.load()); });
  registry_.gauge({"todoku_ready", "1 where /health says ready."},
                  [this] { return health_.troubles().empty() ? 1.0 : 0.0; });
  add_shares();
  add_process();
}

void Meters::add_shares() {
  const auto add = [this](const char* name, const char* help, std::int64_t cluster::Line::* number) {
    registry_.gauge({name, help, {"receiver", "limit"}}, [this, number] { return shares_.series(number); });
  };
  add("todoku_share_held", "What this node holds of a limit that nodes share: connections, or mails in its span.",
      &cluster::Line::held);
  add("todoku_share_wanted", "What it would use of the limit.", &cluster::Line::wanted);
  add("todoku_share_limit", "The limit itself, which is that of all nodes together.", &cluster::Line::most);
}

void Meters::add_process() {
  registry_.counter({"process_cpu_seconds_total", "CPU time of this process."}, cpu_seconds);
  registry_.gauge({"process_resident_memory_bytes", "Resident memory of this process."}, resident_bytes);
  registry_.gauge({"process_open_fds", "Open file descriptors of this process."}, open_files);
  const double started = static_cast<double>(std::time(nullptr));
  registry_.gauge({"process_start_time_seconds", "When this process began, in seconds since 1970."},
                  [started] { return started; });
}

void Meters::read_from(store::Store& store) {
  registry_.gauge({"todoku_queue_recipients",
                   "Recipients in the queue by the provider of their domain and state: waiting, deferred, sending "
                   "(leased, those just settled included), held (paused).",
                   {"provider", "state"}},
                  kept([&store] { return queue_series(store); }));
  registry_.gauge(
      {"todoku_spoofing_alerts",
       "Days with more mail than usual in a domain's name that nobody acknowledged: from elsewhere, or from "
       "places unknown that pass as it (authorised).",
       {"kind"}},
      kept([&store] { return spoofing_series(store); }));
  registry_.gauge({"todoku_campaigns", "Campaigns by state.", {"state"}},
                  kept([&store] { return campaign_series(store); }));
  registry_.gauge(
      {"todoku_notices_waiting", "Notices in the outbox, by target and place: waiting, dead.", {"target", "place"}},
      kept([&store] { return notice_series(store); }));
}

std::shared_ptr<smtp::Witness> Meters::witness(std::string_view receiver, std::string_view site,
                                               std::string_view host) {
  SessionWatch* watch = watch_;
  return watch != nullptr ? watch->witness(receiver, site, host) : nullptr;
}

void Meters::session(const Session& session) {
  const std::string provider = provider_label(session.receiver);
  sessions_.add({provider, session.opened ? "yes" : "no"});
  if (!session.opened) return;
  session_seconds_.observe({provider}, seconds(session.took));
  const net::TlsInfo* tls = session.tls;
  tls_.add({tls == nullptr ? "none" : tls->version, tls != nullptr && tls->verified ? "yes" : "no",
            tls != nullptr && tls->resumed ? "yes" : "no"});
}

void Meters::rests(std::string_view receiver, std::string_view kind) {
  rests_.add({provider_label(receiver), std::string(kind)});
}

void Meters::sent(std::string_view receiver, base::Duration took) {
  mail_seconds_.observe({provider_label(receiver)}, seconds(took));
}

void Meters::outcome(std::string_view receiver, const queue::Outcome& outcome) {
  const std::string provider = provider_label(receiver);
  outcomes_.add({provider, std::string(result_word(outcome.result)), effect_word(outcome.reason), outcome.reason});
  replies_.add({provider, outcome.stage, reply_class(outcome.reply_code)});
}

void Meters::looked_up(std::string_view type, dns::Status status, base::Duration took) {
  lookups_.add({std::string(type), std::string(dns::to_string(status))});
  lookup_seconds_.observe({std::string(type)}, seconds(took));
}

void Meters::took_in(std::string_view road, std::string_view state, std::string_view kind) {
  intake_.add({std::string(road), std::string(state), std::string(kind)});
}

void Meters::exchanged(const http::Exchange& exchange) {
  const std::string route(exchange.route.empty() ? "none" : exchange.route);
  requests_.add({route, std::string(exchange.method), std::to_string(exchange.status)});
  request_seconds_.observe({route}, seconds(exchange.took));
}

void Meters::served(std::string_view listener, std::string_view event) {
  served_.add({std::string(listener), std::string(event)});
}

void Meters::bounce_recipient(std::string_view recipient, std::string_view result) {
  bounce_recipients_.add({std::string(recipient), std::string(result)});
}

void Meters::notified(const std::string& target, std::string_view result) {
  notices_.add({target, std::string(result)});
}

void Meters::submitted(std::string_view result) { submissions_.add({std::string(result)}); }

}  // namespace todoku::app
