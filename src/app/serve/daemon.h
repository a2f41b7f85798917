// `todoku serve`: the roles of one process from its start to its end, and the signals that steer it.
//
// SIGTERM and SIGINT drain: nothing new is begun, what is under way ends and is stored; a second one ends at once.
// SIGHUP reads the settings anew.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "app/serve/bounce_server.h"
#include "app/serve/current_taker.h"
#include "app/serve/daemon_lock.h"
#include "app/serve/delivery_role.h"
#include "app/serve/domain_rechecks.h"
#include "app/serve/health.h"
#include "app/serve/intake_role.h"
#include "app/serve/meters.h"
#include "app/serve/notify_role.h"
#include "app/serve/own_names.h"
#include "app/serve/service_manager.h"
#include "app/serve/session_watch.h"
#include "app/serve/submission_role.h"
#include "app/serve/tls_reports.h"
#include "app/serve/web_role.h"
#include "base/even_clock.h"
#include "base/result.h"

namespace todoku::app {

class Context;

enum class Role : std::uint8_t { delivery, intake, submission, web };
/// "delivery,intake,web". Errors: `invalid`, names those that there are.
[[nodiscard]] base::Result<std::set<Role>> parse_roles(std::span<const std::string> words);

/// Settings that `serve` takes over only when it is started anew.
[[nodiscard]] std::span<const std::string_view> fixed_settings();

class Daemon {
 public:
  /// Blocks the signals in the calling thread, which must be the only one yet. The context lives longer.
  Daemon(Context& context, std::set<Role> roles);
  ~Daemon();

  /// Until a signal ends it. Errors: why it could not start.
  [[nodiscard]] base::Result<void> run();

 private:
  base::Result<void> start();
  base::Result<void> start_intake(store::Store& store);
  base::Result<void> start_submission(store::Store& store);
  void turn();
  void reload();
  base::Result<void> renew_delivery();
  base::Result<void> renew_own_names();
  void start_watch();
  base::Result<void> renew_intake();
  base::Result<void> renew_notify();
  void drain();
  bool drain_delivery(base::Duration grace);
  void say_where() const;
  [[nodiscard]] bool has(Role role) const { return roles_.contains(role); }

  Context& context_;
  std::set<Role> roles_;
  ServiceManager manager_;
  base::SteadyClock clock_;
  Health health_;
  Meters meters_{health_};
  std::optional<DaemonLock> lock_;
  std::unique_ptr<SessionWatch> watch_;  // with the role delivery
  std::unique_ptr<DeliveryRole> delivery_;
  std::unique_ptr<OwnNames> own_names_;  // with the role delivery
  std::unique_ptr<IntakeRole> intake_;
  CurrentTaker taker_;  // that of intake_
  std::unique_ptr<BounceServer> bounces_;
  std::unique_ptr<NotifyRole> notify_;  // with the role intake
  std::unique_ptr<DomainRechecks> domains_;
  std::unique_ptr<TlsReports> tls_reports_;  // with the role delivery
  std::unique_ptr<SubmissionRole> submission_;
  std::unique_ptr<WebRole> web_;
};

}  // namespace todoku::app
