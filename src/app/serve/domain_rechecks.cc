#include "app/serve/domain_rechecks.h"

#include <future>

#include "app/config.h"
#include "app/delivery_settings.h"
#include "base/log.h"

namespace todoku::app {
namespace {

using audience::DomainAnswer;
using audience::DomainState;
using audience::WatchedDomain;

constexpr base::Duration kLook{5'000};
constexpr base::Duration kWatchEvery{60'000};
constexpr std::int64_t kDomainsAtOnce = 20;
constexpr std::int64_t kReadersAtOnce = 500;
constexpr base::Duration kMostJitter = std::chrono::minutes{60};

net::Task<dns::Status> ask(dns::Resolver* resolver, std::string domain) {
  const dns::MailHosts hosts = co_await resolver->mail_hosts(std::move(domain));
  co_return hosts.status;
}

}  // namespace

DomainAnswer answer_of(dns::Status status) {
  switch (status) {
    case dns::Status::no_domain:
    case dns::Status::no_data:
    case dns::Status::null_mx:
      return DomainAnswer::dead;
    case dns::Status::ok:
      return DomainAnswer::alive;
    case dns::Status::bad_name:
    case dns::Status::server_failure:
    case dns::Status::timeout:
    case dns::Status::bogus:
    case dns::Status::cancelled:
      break;
  }
  return DomainAnswer::unknown;
}

base::Result<std::unique_ptr<DomainRechecks>> DomainRechecks::start(const Config& config, store::Store& store) {
  std::unique_ptr<DomainRechecks> rechecks(new DomainRechecks(store, config.integer("stop.dead_domain_days")));
  auto resolver = dns::make_resolver(rechecks->runtime_, resolver_options(config));
  if (!resolver) return std::move(resolver).error();
  rechecks->resolver_ = *std::move(resolver);
  DomainRechecks* self = rechecks.get();
  rechecks->thread_ = std::jthread([self](const std::stop_token& stop) { self->run(stop); });
  return rechecks;
}

DomainRechecks::~DomainRechecks() { stop(); }

void DomainRechecks::stop() {
  thread_.request_stop();
  runtime_.close(base::Duration{0});  // a question under way ends as cancelled
  if (thread_.joinable()) thread_.join();
}

void DomainRechecks::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    bool more = false;
    try {
      watch();
      more = check_some(stop);
    } catch (const store::Failure& failure) {
      base::log::warning("domain_checks_wait", {{"cause", failure.what()}});
    } catch (const std::future_error&) {
      return;  // a question was asked after stop() had closed the runtime
    }
    if (more) continue;
    std::unique_lock lock(mutex_);
    waking_.wait_for(lock, stop, kLook, [] { return false; });
  }
}

void DomainRechecks::watch() {
  const base::Time now = clock_.now();
  if (now - watched_at_ < kWatchEvery) return;
  store_.write_now([now](store::Connection& db) { audience::watch_domains(db, now); });
  watched_at_ = now;
}

/// Whether more are due.
bool DomainRechecks::check_some(const std::stop_token& stop) {
  const auto due = audience::due_domains(*store_.read(), clock_.now(), kDomainsAtOnce);
  for (const WatchedDomain& domain : due) {
    if (stop.stop_requested()) return false;
    bool ours = false;
    store_.write_now([&](store::Connection& db) { ours = audience::claim_domain(db, domain, clock_.now()); });
    if (ours) check(domain, stop);
  }
  return static_cast<std::int64_t>(due.size()) == kDomainsAtOnce;
}

void DomainRechecks::check(const WatchedDomain& domain, const std::stop_token& stop) {
  const dns::Status status = net::run(runtime_, ask(resolver_.get(), domain.domain));
  if (stop.stop_requested()) return;  // it may be no answer at all; the claim ends, and another process asks
  WatchedDomain known = audience::after_answer(domain, answer_of(status), clock_.now(), days_, jitter());
  known.answer = dns::to_string(status);
  store_.write_now([&](store::Connection& db) { audience::store_domain(db, known); });
  if (known.state != domain.state) {
    base::log::warning(known.state == DomainState::dead ? "domain_dead" : "domain_alive",
                       {{"domain", known.domain}, {"answer", known.answer}});
  }
  if (known.state != DomainState::dead) return;
  const bool takes_none = status == dns::Status::null_mx;
  stop_readers(known, takes_none ? bounce::Reason::no_mail_accepted : bounce::Reason::host_unknown);
}

void DomainRechecks::stop_readers(const WatchedDomain& domain, bounce::Reason reason) {
  std::int64_t stopped = 0;
  for (std::int64_t group = kReadersAtOnce; group == kReadersAtOnce;) {
    store_.write_now([&](store::Connection& db) {
      group = audience::stop_domain(db, domain, reason, clock_.now(), kReadersAtOnce);
    });
    stopped += group;
  }
  if (stopped > 0) base::log::warning("domain_stopped", {{"domain", domain.domain}, {"readers", stopped}});
}

base::Duration DomainRechecks::jitter() {
  return base::Duration{std::uniform_int_distribution<std::int64_t>(0, kMostJitter.count())(random_)};
}

}  // namespace todoku::app
