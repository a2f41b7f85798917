// Delivery without end: the mails of every campaign that is being sent, those that other commands start, pause and
// cancel included.
//
// The main thread calls look() several times a second; the engine itself takes due batches within a tenth of a second.
#pragma once
#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "app/delivery_wiring.h"
#include "app/retests.h"
#include "app/serve/health.h"
#include "app/serve/meters.h"
#include "base/id.h"

namespace todoku::app {

class DeliveryRole {
 public:
  /// All live longer. Errors: as DeliveryWiring::make.
  [[nodiscard]] static base::Result<std::unique_ptr<DeliveryRole>> start(Context& context, store::Store& store,
                                                                         Health& health, Meters& meters);

  /// Finishes campaigns that are over, takes back what belongs to one that was paused or cancelled, decides tests of
  /// stopped addresses, and notes new keys.
  void look();

  /// By the settings, rules and keys of now. Mails under way end first; on an error the old ones stay in force.
  [[nodiscard]] base::Result<void> renew();

  /// As DeliveryWiring.
  bool stop(base::Duration grace) { return wiring_->stop(grace); }
  void cut() { wiring_->cut(); }

 private:
  DeliveryRole(Context& context, store::Store& store, Health& health, Meters& meters)
      : context_(context), store_(store), health_(health), meters_(meters) {}

  void look_at_campaigns();
  void look_at_keys();
  void finish(const std::set<base::CampaignId>& sending);
  [[nodiscard]] std::string keys() const;
  [[nodiscard]] base::Result<std::unique_ptr<DeliveryWiring>> wire();

  Context& context_;
  store::Store& store_;
  Health& health_;
  Meters& meters_;
  base::SystemClock clock_;
  std::unique_ptr<DeliveryWiring> wiring_;
  std::optional<RetestWatch> retests_;
  std::set<base::CampaignId> sending_;  // at the last look
  std::string keys_;                    // that the wiring was made with
  std::chrono::steady_clock::time_point looked_at_keys_;
};

}  // namespace todoku::app
