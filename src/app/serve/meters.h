// What the daemon counts: one registry, and the observers that the parts report to.
//
// Labels are bounded: `provider` is a name of data/providers, or "other"; every other label has its values from code.
#pragma once
#include <atomic>
#include <chrono>
#include <mutex>

#include "app/serve/health.h"
#include "app/serve/share_meter.h"
#include "delivery/observer.h"
#include "dns/resolver.h"
#include "http/server.h"
#include "metrics/registry.h"
#include "store/store.h"

namespace todoku::app {

class SessionWatch;

class Meters final : public delivery::Observer {
 public:
  /// Health lives longer.
  explicit Meters(const Health& health);

  /// Adds what is read from the database, which lives longer; before anybody reads.
  void read_from(store::Store& store);

  void session(const Session& session) override;
  void sent(std::string_view receiver, base::Duration took) override;
  void outcome(std::string_view receiver, const queue::Outcome& outcome) override;
  void rests(std::string_view receiver, std::string_view kind) override;
  void shares(std::span<const cluster::Line> lines) override { shares_.update(lines); }
  void looked_up(std::string_view type, dns::Status status, base::Duration took);
  void exchanged(const http::Exchange& exchange);
  /// Of our own SMTP servers; `listener`: "intake", "submission".
  void served(std::string_view listener, std::string_view event);
  void bounce_recipient(std::string_view recipient, std::string_view result);
  void submitted(std::string_view result);
  /// `target`: a name of the settings; `result`: sent, failed, dead.
  void notified(const std::string& target, std::string_view result);
  void took_in(std::string_view road, std::string_view state, std::string_view kind);

  /// Whom to ask who watches sessions; lives longer than the engine. Null: nobody can.
  void set_watch(SessionWatch* watch) { watch_ = watch; }
  std::shared_ptr<smtp::Witness> witness(std::string_view receiver, std::string_view site,
                                         std::string_view host) override;

  /// From the main loop.
  void set_engine(int connections, std::int64_t recipients) {
    connections_ = connections;
    recipients_ = recipients;
  }

  [[nodiscard]] const metrics::Registry& registry() const { return registry_; }

 private:
  void add_process();
  void add_shares();

  const Health& health_;
  ShareMeter shares_;
  std::atomic<SessionWatch*> watch_ = nullptr;
  std::atomic<int> connections_ = 0;
  std::atomic<std::int64_t> recipients_ = 0;
  metrics::Registry registry_;
  metrics::Counter& outcomes_;
  metrics::Counter& replies_;
  metrics::Counter& rests_;
  metrics::Counter& sessions_;
  metrics::Counter& tls_;
  metrics::Histogram& session_seconds_;
  metrics::Histogram& mail_seconds_;
  metrics::Counter& lookups_;
  metrics::Histogram& lookup_seconds_;
  metrics::Counter& requests_;
  metrics::Histogram& request_seconds_;
  metrics::Counter& intake_;
  metrics::Counter& served_;
  metrics::Counter& bounce_recipients_;
  metrics::Counter& submissions_;
  metrics::Counter& notices_;
};

/// "gmail", or "other" where the receiver is none of data/providers.
[[nodiscard]] std::string provider_label(std::string_view receiver);

}  // namespace todoku::app
