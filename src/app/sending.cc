#include "app/sending.h"

#include <chrono>
#include <optional>
#include <thread>
#include <utility>

#include "app/command.h"
#include "app/delivery_wiring.h"
#include "app/interruption.h"
#include "base/log.h"
#include "campaign/campaign.h"
#include "queue/control.h"
#include "store/store.h"

namespace todoku::app {
namespace {

constexpr base::Duration kGrace{10'000};

std::unique_ptr<DeliveryWiring> wire_or_stop(Context& context, store::Store& store) {
  auto wiring = DeliveryWiring::make(context, store);
  if (wiring) return *std::move(wiring);
  context.fail(wiring.error(), 2);
  throw Stop{};
}

}  // namespace

class Sending::Run {
 public:
  Run(Context& context, store::Store& store) : store_(store), wiring_(wire_or_stop(context, store)) {}

  End run(base::CampaignId id, const std::function<void(const campaign::Status&)>& progress, base::Duration every) {
    const Interruption interruption;
    every_ = every;
    wiring_->start();
    const End end = watch_or_cut(id, interruption, progress);
    if (end != End::finished) wiring_->engine().withdraw(id);
    if (!wiring_->stop(kGrace)) wiring_->cut();
    if (end == End::cancelled) settle_cancelled();
    return end;
  }

 private:
  End watch_or_cut(base::CampaignId id, const Interruption& interruption,
                   const std::function<void(const campaign::Status&)>& progress) {
    try {
      return watch(id, interruption, progress);
    } catch (const store::Failure&) {  // what is under way cannot be recorded any more
      wiring_->cut();
      throw;
    }
  }

  /// Nothing while the database is away: it is waited for. Throws where another one has taken its place.
  std::optional<campaign::Status> look(base::CampaignId id) {
    try {
      wiring_->look();
      const store::Lease db = store_.read();
      campaign::Status status = campaign::status_of(*db, campaign::find(*db, id).value());
      if (std::exchange(away_, false)) base::log::warning("database_back", {});
      return status;
    } catch (const store::Failure& failure) {
      if (failure.kind() != store::Failure::Kind::lost) throw;
      if (!std::exchange(away_, true)) base::log::error("database_away", {{"cause", failure.what()}});
      return std::nullopt;
    }
  }

  End watch(base::CampaignId id, const Interruption& interruption,
            const std::function<void(const campaign::Status&)>& progress) {
    while (!interruption.came()) {
      std::this_thread::sleep_for(every_);
      const std::optional<campaign::Status> status = look(id);
      if (!status) continue;
      progress(*status);
      if (status->campaign.state == campaign::State::paused) return End::paused;
      if (status->campaign.state == campaign::State::cancelled) return End::cancelled;
      if (status->campaign.state == campaign::State::finished) return End::finished;
      if (status->waiting + status->deferred == 0) finish(id);
    }
    return End::interrupted;
  }

  void finish(base::CampaignId id) {
    try {
      store_.write_now([&](store::Connection& db) { campaign::finish_if_done(db, id, clock_.now()); });
    } catch (const store::Failure& failure) {  // at the next look, then
      if (failure.kind() != store::Failure::Kind::lost) throw;
    }
  }

  void settle_cancelled() {
    std::int64_t settled = 1;
    while (settled > 0) {
      store_.write_now([&](store::Connection& db) { settled = queue::settle_cancelled(db, clock_.now()); });
    }
  }

  base::SystemClock clock_;
  store::Store& store_;
  std::unique_ptr<DeliveryWiring> wiring_;
  base::Duration every_{};
  bool away_ = false;  // the database
};

Sending::Sending(Context& context, store::Store& store) : run_(std::make_unique<Run>(context, store)) {}
Sending::~Sending() = default;

Sending::End Sending::run(base::CampaignId campaign, const std::function<void(const campaign::Status&)>& progress,
                          base::Duration every) {
  return run_->run(campaign, progress, every);
}

}  // namespace todoku::app
