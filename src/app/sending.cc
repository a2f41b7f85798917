#include "app/sending.h"

#include <chrono>
#include <thread>

#include "app/command.h"
#include "app/delivery_wiring.h"
#include "app/interruption.h"
#include "campaign/campaign.h"
#include "queue/control.h"
#include "store/store.h"

namespace todoku::app {
namespace {

constexpr std::chrono::milliseconds kLook{250};
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

  End run(base::CampaignId id, const std::function<void(const campaign::Status&)>& progress) {
    const Interruption interruption;
    wiring_->start();
    const End end = watch(id, interruption, progress);
    if (end != End::finished) wiring_->engine().withdraw(id);
    if (!wiring_->stop(kGrace)) wiring_->cut();
    if (end == End::cancelled) settle_cancelled();
    return end;
  }

 private:
  End watch(base::CampaignId id, const Interruption& interruption,
            const std::function<void(const campaign::Status&)>& progress) {
    while (!interruption.came()) {
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
  std::unique_ptr<DeliveryWiring> wiring_;
};

Sending::Sending(Context& context, store::Store& store) : run_(std::make_unique<Run>(context, store)) {}
Sending::~Sending() = default;

Sending::End Sending::run(base::CampaignId campaign, const std::function<void(const campaign::Status&)>& progress) {
  return run_->run(campaign, progress);
}

}  // namespace todoku::app
