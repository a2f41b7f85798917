#include "app/delivery_wiring.h"

#include <sys/resource.h>

#include <algorithm>
#include <thread>

#include "app/cluster_wiring.h"
#include "app/command.h"
#include "app/delivery_settings.h"
#include "app/dkim_keyring.h"
#include "audience/outage.h"
#include "base/log.h"
#include "net/patient_threads.h"
#include "queue/queue.h"
#include "tracking/token.h"

namespace todoku::app {
namespace {

constexpr base::Duration kAfterCut{10'000};
constexpr base::Duration kUntilLooked{1'000};  // then look() has it from the store
constexpr base::Duration kFollow{5'000};

std::unique_ptr<delivery::Router> make_router(const Config& config, dns::Resolver& resolver,
                                              const delivery::Transport& transport) {
  if (config.text("smarthost.host").empty()) {
    return delivery::route_by_mx(resolver, static_cast<std::uint16_t>(config.integer("smtp.port")), &transport);
  }
  return delivery::route_by_smart_host(resolver, config.text("smarthost.host"),
                                       static_cast<std::uint16_t>(config.integer("smarthost.port")));
}

/// Connections to hosts that do not answer stay for long, and a shell's usual 1,024 descriptors are few.
void allow_descriptors() {
  constexpr rlim_t kEnough = 65'536;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= std::min(limit.rlim_max, kEnough)) return;
  limit.rlim_cur = std::min(limit.rlim_max, kEnough);
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// One thread moves the bytes; as many as there are processors sign.
net::Runtime make_runtime() {
  allow_descriptors();
  const net::PatientThreads patient;
  return net::Runtime({.threads = 1, .workers = std::max(2U, std::thread::hardware_concurrency())});
}

bool logs_outcomes(const Config& config) {
  return config.text("log.level") == "info" || config.text("log.level") == "debug";
}

}  // namespace

DeliveryWiring::DeliveryWiring(store::Store& store)
    : store_(store), clock_(store::time_of(*store.read())), runtime_(make_runtime()) {}

base::Result<std::unique_ptr<DeliveryWiring>> DeliveryWiring::make(Context& context, store::Store& store,
                                                                   const DeliveryObservers& observers) {
  std::unique_ptr<DeliveryWiring> wiring(new DeliveryWiring(store));
  if (auto joined = wiring->join(context, observers); !joined) return std::move(joined).error();
  return wiring;
}

base::Result<void> DeliveryWiring::join(Context& context, const DeliveryObservers& observers) {
  const Config& config = context.config();
  auto rules = bounce::Rules::load(context.own_rules());
  if (!rules) return std::move(rules).error();
  rules_ = *std::move(rules);
  auto signing = load_signing_domains(context);
  if (!signing) return std::move(signing).error();
  auto resolver = dns::make_resolver(runtime_, resolver_options(config));
  if (!resolver) return std::move(resolver).error();
  resolver_ = *std::move(resolver);
  if (observers.dns) resolver_ = dns::observed(std::move(resolver_), observers.dns);
  auto tls = tls_context(config);
  if (!tls) return std::move(tls).error();
  tls_ = *std::move(tls);
  auto options = delivery_options(config, *tls_);
  if (!options) return std::move(options).error();
  options->observer = observers.delivery;
  auto transport = TransportWiring::make(config, *resolver_, store_, wall_);
  if (!transport) return std::move(transport).error();
  transport_ = *std::move(transport);
  sink_.emplace(audience::StopPolicy(stop_limits(config)),
                [this](const std::string& site) { engine_->rest(site, clock_.now() + kUntilLooked); });
  campaign_mails_.emplace(store_, tracking::load_tokens(store_, wall_.now()));
  submission_mails_.emplace(store_, tracking::load_tokens(store_, wall_.now()), own_hostname(config));
  mails_.emplace(*campaign_mails_, *submission_mails_);
  source_.emplace(*mails_, *std::move(signing));
  router_ = make_router(config, *resolver_, transport_->transport());
  auto ledger = make_ledger(context, options->owner);
  if (!ledger) return std::move(ledger).error();
  ledger_ = *std::move(ledger);
  engine_.emplace(delivery::Parts{store_, *source_, *sink_, *router_, *rules_, runtime_, clock_, &transport_->results(),
                                  logs_outcomes(config), ledger_.get(), &wall_},
                  *std::move(options));
  return base::done;
}

DeliveryWiring::~DeliveryWiring() { runtime_.close(base::Duration{0}); }

void DeliveryWiring::start() {
  // Only one process sends on SQLite: what a killed one left leased is free.
  if (store_.engine() == store::Engine::sqlite) {
    store_.write_now([](store::Connection& db) { queue::end_all_leases(db); });
  }
  engine_->start();
}

void DeliveryWiring::look() {
  follow_time();
  rest_in_outages();
}

void DeliveryWiring::follow_time() {
  const base::Time now = clock_.now();
  if (now - followed_at_ < kFollow) return;
  followed_at_ = now;
  clock_.follow(store::time_of(*store_.read()));
}

/// How long a site is held stands in the database by the wall clock, as the events that led to it do.
void DeliveryWiring::rest_in_outages() {
  const base::Time wall = wall_.now();
  std::map<std::string, base::Time> held = audience::held_sites(*store_.read(), wall);
  for (const auto& [site, until] : held) {
    const auto known = resting_.find(site);
    if (known != resting_.end() && known->second == until) continue;
    base::log::error("site_held", {{"site", site}, {"cause", "its errors leapt far above the usual"}});
    engine_->rest(site, clock_.now() + (until - wall));
  }
  resting_ = std::move(held);
}

void DeliveryWiring::cut() {
  base::log::warning("connections_cut", {{"open", engine_->connections()}});
  runtime_.close(base::Duration{0});
  engine_->stop(kAfterCut);
}

}  // namespace todoku::app
