#include "app/sending.h"

#include <atomic>
#include <chrono>
#include <csignal>
#include <optional>
#include <thread>

#include "app/command.h"
#include "app/delivery_settings.h"
#include "app/dkim_keyring.h"
#include "app/outcome_events.h"
#include "base/log.h"
#include "bounce/rules.h"
#include "campaign/campaign.h"
#include "campaign/mail_source.h"
#include "delivery/engine.h"
#include "delivery/route.h"
#include "delivery/signed_mails.h"
#include "dns/resolver.h"
#include "net/runtime.h"
#include "net/tls.h"
#include "queue/control.h"
#include "queue/queue.h"
#include "store/store.h"
#include "tracking/token.h"

namespace todoku::app {
namespace {

using base::Result;

constexpr std::chrono::milliseconds kLook{250};
constexpr base::Duration kGrace{10'000};

volatile std::sig_atomic_t interrupted = 0;
void on_signal(int) { interrupted = 1; }

/// SIGINT and SIGTERM set a flag while this lives.
class Signals {
 public:
  Signals() {
    struct sigaction action{};
    action.sa_handler = on_signal;
    ::sigaction(SIGINT, &action, &old_int_);
    ::sigaction(SIGTERM, &action, &old_term_);
  }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  ~Signals() {
    ::sigaction(SIGINT, &old_int_, nullptr);
    ::sigaction(SIGTERM, &old_term_, nullptr);
  }

 private:
  struct sigaction old_int_{};
  struct sigaction old_term_{};
};

template <class T>
T value_or_stop(Context& context, Result<T> result) {
  if (result) return *std::move(result);
  context.fail(result.error(), 2);
  throw Stop{};
}

}  // namespace

/// Everything that a send needs, in the order in which it must be torn down last.
class Sending::Wiring {
 public:
  Wiring(Context& context, store::Store& store)
      : store_(store),
        rules_(value_or_stop(context, bounce::Rules::load(context.own_rules()))),
        sink_(audience::StopPolicy(stop_limits(context.config()))),
        mails_(store, tracking::load_tokens(store, clock_.now())),
        source_(mails_, value_or_stop(context, load_signing_domains(context))),
        resolver_(value_or_stop(context, dns::make_resolver(runtime_, resolver_options(context.config())))),
        tls_(value_or_stop(context, tls_context(context.config()))),
        options_(value_or_stop(context, delivery_options(context.config(), *tls_))),
        router_(make_router(context.config())) {
    engine_.emplace(delivery::Parts{store_, source_, sink_, *router_, *rules_, runtime_, clock_}, options_);
  }

  ~Wiring() { runtime_.close(base::Duration{0}); }

  End run(base::CampaignId id, const std::function<void(const campaign::Status&)>& progress) {
    const Signals signals;
    // Only one process sends on SQLite: what a killed one left leased is free.
    if (store_.engine() == store::Engine::sqlite) {
      store_.write_now([this](store::Connection& db) { queue::end_all_leases(db, clock_.now()); });
    }
    engine_->start();
    const End end = watch(id, progress);
    if (end != End::finished) engine_->withdraw(id);
    if (!engine_->stop(kGrace)) {
      base::log::warning("connections_cut", {{"open", engine_->connections()}});
      runtime_.close(base::Duration{0});
      engine_->stop(kGrace);
    }
    if (end == End::cancelled) settle_cancelled();
    return end;
  }

 private:
  std::unique_ptr<delivery::Router> make_router(const Config& config) {
    if (config.text("smarthost.host").empty()) {
      return delivery::route_by_mx(*resolver_, static_cast<std::uint16_t>(config.integer("smtp.port")));
    }
    return delivery::route_by_smart_host(*resolver_, config.text("smarthost.host"),
                                         static_cast<std::uint16_t>(config.integer("smarthost.port")));
  }

  End watch(base::CampaignId id, const std::function<void(const campaign::Status&)>& progress) {
    while (interrupted == 0) {
      std::this_thread::sleep_for(kLook);
      campaign::Status status;
      {
        const store::Lease db = store_.read();
        status = campaign::status_of(*db, campaign::find(*db, id).value());
      }
      progress(status);
      if (status.campaign.state == campaign::State::paused) return End::paused;
      if (status.campaign.state == campaign::State::cancelled) return End::cancelled;
      if (status.campaign.state == campaign::State::finished) return End::finished;
      if (status.waiting + status.deferred > 0) continue;
      store_.write_now([&](store::Connection& db) { campaign::finish_if_done(db, id, clock_.now()); });
    }
    return End::interrupted;
  }

  void settle_cancelled() {
    std::int64_t settled = 1;
    while (settled > 0) {
      store_.write_now([&](store::Connection& db) { settled = queue::settle_cancelled(db, clock_.now()); });
    }
  }

  base::SystemClock clock_;
  store::Store& store_;
  std::unique_ptr<bounce::Rules> rules_;
  OutcomeEvents sink_;
  campaign::CampaignMails mails_;
  delivery::SignedMails source_;
  net::Runtime runtime_{{.threads = 1, .workers = 2}};
  std::unique_ptr<dns::Resolver> resolver_;
  std::unique_ptr<net::TlsClientContext> tls_;
  delivery::Options options_;
  std::unique_ptr<delivery::Router> router_;
  std::optional<delivery::Engine> engine_;
};

Sending::Sending(Context& context, store::Store& store) : wiring_(std::make_unique<Wiring>(context, store)) {}
Sending::~Sending() = default;

Sending::End Sending::run(base::CampaignId campaign, const std::function<void(const campaign::Status&)>& progress) {
  return wiring_->run(campaign, progress);
}

}  // namespace todoku::app
