#include "app/serve/daemon.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <csignal>

#include "app/command.h"
#include "base/log.h"
#include "store/store.h"

namespace todoku::app {
namespace {

using base::Error;
using base::ErrorCode;
using base::Result;
using SteadyClock = std::chrono::steady_clock;

constexpr base::Duration kLook{250};
constexpr base::Duration kSlice{100};
constexpr base::Duration kWebGrace{10'000};

constexpr std::string_view kChoice = "choose from delivery, intake, submission, web";
constexpr auto kRoles = std::to_array<std::pair<std::string_view, Role>>(
    {{"delivery", Role::delivery}, {"intake", Role::intake}, {"submission", Role::submission}, {"web", Role::web}});

constexpr auto kFixed = std::to_array<std::string_view>({"store.url",
                                                         "store.readers",
                                                         "serve.roles",
                                                         "http.listen",
                                                         "http.trusted_proxies",
                                                         "status_check.per_client",
                                                         "status_check.per_key",
                                                         "downloads.per_client",
                                                         "stop.dead_domain_days",
                                                         "intake.listen",
                                                         "intake.domains",
                                                         "intake.addresses",
                                                         "intake.proxies",
                                                         "intake.forged_per_minute",
                                                         "intake.connections",
                                                         "intake.connections_per_client",
                                                         "intake.mails_per_minute",
                                                         "intake.largest_mail",
                                                         "submission.listen",
                                                         "submission.listen_tls",
                                                         "submission.proxies",
                                                         "submission.connections",
                                                         "submission.connections_per_client",
                                                         "submission.mails_per_minute",
                                                         "submission.largest_mail"});

sigset_t steering_signals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&signals, signal);
  return signals;
}

/// The signal that came, or 0 after `limit`.
int wait_for_signal(base::Duration limit) {
  const sigset_t signals = steering_signals();
  const timespec wait = {.tv_sec = limit.count() / 1000, .tv_nsec = limit.count() % 1000 * 1'000'000};
  const int signal = ::sigtimedwait(&signals, nullptr, &wait);
  return signal > 0 ? signal : 0;
}

bool ends(int signal) { return signal == SIGTERM || signal == SIGINT; }

}  // namespace

Result<std::set<Role>> parse_roles(std::span<const std::string> words) {
  std::set<Role> roles;
  for (const std::string& word : words) {
    const auto* found = std::ranges::find(kRoles, word, &std::pair<std::string_view, Role>::first);
    if (found == kRoles.end()) {
      return Error{ErrorCode::invalid, fmt::format("there is no role '{}'", word), std::string(kChoice), ""};
    }
    roles.insert(found->second);
  }
  if (roles.empty()) return Error{ErrorCode::invalid, "no role is given", std::string(kChoice), ""};
  return roles;
}

std::span<const std::string_view> fixed_settings() { return kFixed; }

Daemon::Daemon(Context& context, std::set<Role> roles) : context_(context), roles_(std::move(roles)) {
  const sigset_t signals = steering_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);  // NOLINT(cert-err33-c): a client that went away is an error of the write
}

Daemon::~Daemon() = default;

Result<void> Daemon::start() {
  store::Store& store = has(Role::delivery) ? context_.exclusive_store() : context_.store();
  meters_.read_from(store);
  if (has(Role::delivery)) {
    lock_.emplace(context_.data);
    start_watch();
    auto delivery = DeliveryRole::start(context_, store, health_, meters_);
    if (!delivery) return std::move(delivery).error();
    delivery_ = *std::move(delivery);
    if (auto started = renew_own_names(); !started) return started;
    tls_reports_ = TlsReports::start(context_.config(), store, context_.data);
  }
  if (has(Role::intake)) {
    if (auto started = start_intake(store); !started) return started;
  }
  if (has(Role::delivery) || has(Role::intake)) {
    auto domains = DomainRechecks::start(context_.config(), store);
    if (!domains) return std::move(domains).error();
    domains_ = *std::move(domains);
  }
  if (has(Role::submission)) {
    if (auto started = start_submission(store); !started) return started;
  }
  health_.beat(clock_.now());
  if (has(Role::web)) {
    auto web = WebRole::start(context_, store, health_, meters_);
    if (!web) return std::move(web).error();
    web_ = *std::move(web);
  }
  return base::done;
}

Result<void> Daemon::start_intake(store::Store& store) {
  auto intake = IntakeRole::make(context_, store, health_, meters_);
  if (!intake) return std::move(intake).error();
  intake_ = *std::move(intake);
  intake_->begin();
  taker_.change([this] { return &intake_->taker(); });
  auto bounces = BounceServer::start(context_.config(), store, taker_, meters_);
  if (!bounces) return std::move(bounces).error();
  bounces_ = *std::move(bounces);
  auto notify = NotifyRole::start(context_, context_.config(), store, meters_);
  if (!notify) return std::move(notify).error();
  notify_ = *std::move(notify);
  return base::done;
}

Result<void> Daemon::start_submission(store::Store& store) {
  auto submission = SubmissionRole::start(context_.config(), store, meters_);
  if (!submission) return std::move(submission).error();
  submission_ = *std::move(submission);
  return base::done;
}

void Daemon::say_where() const {
  if (web_) fmt::print(stderr, "todoku: listening at {} port {}\n", web_->at().address, web_->at().port);
  if (bounces_)
    fmt::print(stderr, "todoku: taking bounces at {} port {}\n", bounces_->at().address, bounces_->at().port);
  if (submission_) {
    for (const net::Endpoint& at : submission_->at()) {
      fmt::print(stderr, "todoku: taking mail from programs at {} port {}\n", at.address, at.port);
    }
  }
  if (delivery_) fmt::print(stderr, "todoku: delivering\n");
}

Result<void> Daemon::run() {
  if (auto started = start(); !started) {
    if (delivery_ && !delivery_->stop(kWebGrace)) delivery_->cut();
    return started;
  }
  say_where();
  manager_.ready();
  for (;;) {
    const int signal = wait_for_signal(kLook);
    if (ends(signal)) break;
    if (signal == SIGHUP) reload();
    turn();
  }
  drain();
  return base::done;
}

void Daemon::turn() {
  if (delivery_) delivery_->look();
  health_.beat(clock_.now());
  manager_.alive();
}

void Daemon::reload() {
  manager_.reloading();
  std::map<std::string_view, std::string> before;
  for (const std::string_view key : kFixed) before.emplace(key, context_.config().text(key));
  Result<void> done = context_.reload_config();
  if (done) {
    for (const auto& [key, value] : before) {
      if (context_.config().text(key) != value) base::log::warning("restart_needed", {{"setting", key}});
    }
    if (web_) done = web_->renew(context_.config());
    if (delivery_ && done) done = renew_delivery();
    if (delivery_ && done) done = renew_own_names();
    if (tls_reports_ && done) tls_reports_ = TlsReports::start(context_.config(), context_.store(), context_.data);
    if (intake_ && done) done = renew_intake();
    if (notify_ && done) done = renew_notify();
    if (bounces_ && done) done = bounces_->renew(context_.config());
    if (submission_ && done) done = submission_->renew(context_.config());
  }
  health_.say("settings", done ? "" : done.error().text());
  if (!done) base::log::error("reload_failed", {{"cause", done.error().text()}});
  manager_.ready();
}

Result<void> Daemon::renew_delivery() {
  try {
    return delivery_->renew();
  } catch (const store::Failure& failure) {  // the database is away: delivery goes on as it was
    return base::Error{base::ErrorCode::unavailable, failure.what(), "reload again once the database is back", ""};
  }
}

/// Without it everything else works: a data folder may lie too deep for the path of a socket.
void Daemon::start_watch() {
  auto watch = SessionWatch::start(context_.data);
  if (!watch) return base::log::warning("sessions_cannot_be_watched", {{"cause", watch.error().text()}});
  watch_ = *std::move(watch);
  meters_.set_watch(watch_.get());
}

Result<void> Daemon::renew_own_names() {
  auto names = OwnNames::start(context_.config(), health_);
  if (!names) return std::move(names).error();
  own_names_ = *std::move(names);
  return base::done;
}

/// The roads are left and taken again: what came in meanwhile waits where it lies.
Result<void> Daemon::renew_intake() {
  try {
    auto renewed = IntakeRole::make(context_, context_.store(), health_, meters_);
    if (!renewed) return std::move(renewed).error();  // the old one goes on
    intake_->stop();
    taker_.change([this, &renewed] {
      intake_ = *std::move(renewed);
      return &intake_->taker();
    });
    intake_->begin();
    return base::done;
  } catch (const store::Failure& failure) {
    return base::Error{base::ErrorCode::unavailable, failure.what(), "reload again once the database is back", ""};
  }
}

Result<void> Daemon::renew_notify() {
  try {
    auto renewed = NotifyRole::start(context_, context_.config(), context_.store(), meters_);
    if (!renewed) return std::move(renewed).error();  // the old one goes on
    notify_ = *std::move(renewed);
    return base::done;
  } catch (const store::Failure& failure) {
    return Error{ErrorCode::unavailable, failure.what(), "reload again once the database is back", ""};
  }
}

void Daemon::drain() {
  manager_.stopping();
  health_.say("daemon", "draining");
  base::log::info("draining", {});
  if (web_) web_->drain();
  if (bounces_) bounces_->drain();
  if (submission_) submission_->drain();
  if (bounces_) bounces_->close(kWebGrace);
  if (submission_) submission_->close(kWebGrace);
  if (intake_) intake_->stop();
  if (notify_) notify_->stop();
  if (domains_) domains_->stop();
  own_names_.reset();
  if (tls_reports_) tls_reports_->stop();
  if (delivery_ && !drain_delivery(context_.config().duration("serve.drain"))) delivery_->cut();
  if (web_) web_->close(kWebGrace);
}

/// False: that took too long, or a second signal wants the end at once.
bool Daemon::drain_delivery(base::Duration grace) {
  const auto start = SteadyClock::now();
  while (!delivery_->stop(kSlice)) {
    health_.beat(clock_.now());
    manager_.alive();
    if (ends(wait_for_signal(base::Duration{0})) || SteadyClock::now() - start > grace) return false;
  }
  return true;
}

}  // namespace todoku::app
