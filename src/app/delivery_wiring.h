// What sending needs, joined: the engine with the database, the campaigns' mails and their signatures, the stop policy,
// the receivers' rules, DNS and the network. By the settings, keys and rules of the moment when it is made.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "app/outcome_events.h"
#include "app/transport_wiring.h"
#include "base/clock.h"
#include "base/even_clock.h"
#include "base/result.h"
#include "bounce/rules.h"
#include "campaign/mail_source.h"
#include "cluster/ledger.h"
#include "delivery/engine.h"
#include "delivery/route.h"
#include "delivery/signed_mails.h"
#include "dns/observed.h"
#include "dns/resolver.h"
#include "net/runtime.h"
#include "net/tls.h"
#include "store/store.h"
#include "store/time.h"
#include "submission/submission_mails.h"

namespace todoku::app {

class Context;

/// Who counts what happens; nobody by default. All live longer than the wiring.
struct DeliveryObservers {
  delivery::Observer* delivery = nullptr;
  dns::Observe dns = {};
};

class DeliveryWiring {
 public:
  /// Both live longer. Errors: a setting, key or rule that is no good.
  [[nodiscard]] static base::Result<std::unique_ptr<DeliveryWiring>> make(Context& context, store::Store& store,
                                                                          const DeliveryObservers& observers = {});
  ~DeliveryWiring();
  DeliveryWiring(const DeliveryWiring&) = delete;
  DeliveryWiring& operator=(const DeliveryWiring&) = delete;

  void start();
  [[nodiscard]] delivery::Engine& engine() { return *engine_; }

  /// Sends nothing where errors leapt for no fault of the addresses (audience/outage.h), and keeps the database's time.
  /// Blocking; several times a second.
  void look();

  /// Takes no more work and lets the mails under way end; false where that took longer. May be called again.
  bool stop(base::Duration grace) { return engine_->stop(grace); }
  /// Ends the connections that are left; their mails are sent again by the next one.
  void cut();

 private:
  explicit DeliveryWiring(store::Store& store);
  void follow_time();
  void rest_in_outages();
  base::Result<void> join(Context& context, const DeliveryObservers& observers);

  // In the order in which it must be torn down last.
  base::SystemClock wall_;
  store::Store& store_;
  base::EvenClock clock_;  // starts at the database's time, so that all nodes on it have the same
  std::unique_ptr<bounce::Rules> rules_;
  std::optional<OutcomeEvents> sink_;
  std::optional<campaign::CampaignMails> campaign_mails_;
  std::optional<submission::SubmissionMails> submission_mails_;
  std::optional<submission::MailsByOrigin> mails_;
  std::optional<delivery::SignedMails> source_;
  net::Runtime runtime_;
  std::unique_ptr<dns::Resolver> resolver_;
  std::unique_ptr<net::TlsClientContext> tls_;
  std::unique_ptr<TransportWiring> transport_;
  std::unique_ptr<delivery::Router> router_;
  std::unique_ptr<cluster::Ledger> ledger_;  // null: this process is the only one that sends
  std::optional<delivery::Engine> engine_;
  base::Time followed_at_{};
  std::map<std::string, base::Time> resting_;  // sites that the engine was told to leave alone
};

}  // namespace todoku::app
