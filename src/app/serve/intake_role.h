// Intake without end: what comes in by the roads that are set up, and the forgetting of originals after their time.
#pragma once
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "app/intake_wiring.h"
#include "app/serve/health.h"
#include "app/serve/mailbox_wiring.h"
#include "app/serve/meters.h"
#include "app/serve/source_names.h"
#include "base/clock.h"
#include "intake/maildir_watch.h"

namespace todoku::app {

class IntakeRole {
 public:
  /// Takes in nothing before begin(). All live longer. Errors: as IntakeWiring::make and MailboxWiring::make.
  [[nodiscard]] static base::Result<std::unique_ptr<IntakeRole>> make(Context& context, store::Store& store,
                                                                      Health& health, Meters& meters);
  ~IntakeRole();

  void begin();

  /// Takes in nothing more; what is under way ends.
  void stop();

  /// For roads that stand beside it.
  [[nodiscard]] intake::Taker& taker() { return wiring_->intake(); }

 private:
  IntakeRole(Context& context, store::Store& store, Health& health, std::unique_ptr<IntakeWiring> wiring);

  void watch_folders(const std::stop_token& stop);
  bool look_into_folders();
  void look_into(intake::MaildirWatch& folder, bool& more);
  void forget_old();
  void watch_spoofing(const std::stop_token& stop);
  void wait(const std::stop_token& stop, base::Duration time);

  store::Store& store_;
  Health& health_;
  const base::Duration keep_;
  base::SystemClock clock_;
  std::unique_ptr<IntakeWiring> wiring_;
  std::vector<intake::MaildirWatch> folders_;
  std::unique_ptr<MailboxWiring> mailboxes_;  // null: there are none
  std::unique_ptr<SourceNames> names_;
  base::Time forgot_at_;
  std::mutex mutex_;  // for waking_ alone
  std::condition_variable_any waking_;
  std::jthread folder_thread_;
  std::jthread spoofing_thread_;
};

}  // namespace todoku::app
