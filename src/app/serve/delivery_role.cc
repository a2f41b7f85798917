#include "app/serve/delivery_role.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "app/command.h"
#include "authentication/dkim_keys.h"
#include "base/clock.h"
#include "base/log.h"
#include "campaign/campaign.h"
#include "queue/control.h"
#include "queue/counts.h"
#include "tracking/token.h"

namespace todoku::app {
namespace {

constexpr std::chrono::seconds kLookAtKeys{5};
constexpr base::Duration kRenewal{30'000};

}  // namespace

base::Result<std::unique_ptr<DeliveryRole>> DeliveryRole::start(Context& context, store::Store& store, Health& health,
                                                                Meters& meters) {
  std::unique_ptr<DeliveryRole> role(new DeliveryRole(context, store, health, meters));
  (void)tracking::load_tokens(store, base::SystemClock().now());  // makes the first, which is no news then
  role->keys_ = role->keys();
  auto wiring = role->wire();
  if (!wiring) return std::move(wiring).error();
  role->wiring_ = *std::move(wiring);
  role->wiring_->start();
  return role;
}

base::Result<std::unique_ptr<DeliveryWiring>> DeliveryRole::wire() {
  retests_.emplace(store_, context_.config().duration("stop.retest_wait"));
  Meters* meters = &meters_;
  return DeliveryWiring::make(
      context_, store_,
      {.delivery = meters, .dns = [meters](std::string_view type, dns::Status status, base::Duration took) {
         meters->looked_up(type, status, took);
       }});
}

void DeliveryRole::look() {
  meters_.set_engine(wiring_->engine().connections(), wiring_->engine().load());
  try {
    look_at_campaigns();
    wiring_->look();
    retests_->look();
    look_at_keys();
    health_.say("delivery", wiring_->engine().troubled() ? "outcomes cannot be stored, so nothing is sent" : "");
    health_.say("cluster", wiring_->engine().apart()
                               ? "the other nodes cannot be reached, so nothing is sent once what "
                                 "this one holds of the limits is used up"
                               : "");
    health_.say("database", "");
  } catch (const store::Failure& e) {
    health_.say("database", e.what());
  }
}

void DeliveryRole::look_at_campaigns() {
  std::set<base::CampaignId> sending;
  {
    const store::Lease db = store_.read();
    for (const auto& one : campaign::campaigns_in(*db, campaign::State::sending)) sending.insert(one.id);
  }
  std::vector<base::CampaignId> gone;
  std::ranges::set_difference(sending_, sending, std::back_inserter(gone));
  for (const base::CampaignId id : gone) wiring_->engine().withdraw(id);
  sending_ = std::move(sending);
  finish(sending_);
  // What a cancellation left: its command may have been killed before it had settled all, and we held batches.
  store_.write_now([this](store::Connection& db) { queue::settle_cancelled(db, clock_.now()); });
}

void DeliveryRole::finish(const std::set<base::CampaignId>& sending) {
  std::vector<base::CampaignId> over;
  {
    const store::Lease db = store_.read();
    std::ranges::copy_if(sending, std::back_inserter(over),
                         [&db](base::CampaignId id) { return queue::counts_of(*db, id).finished(); });
  }
  for (const base::CampaignId id : over) {
    bool finished = false;
    store_.write_now([&](store::Connection& db) { finished = campaign::finish_if_done(db, id, clock_.now()); });
    if (finished) base::log::info("campaign_finished", {{"campaign", id.value}});
  }
}

/// Keys that `todoku dkim` and `todoku token` made, retired or rotated sign from now on, without a word from the
/// operator.
void DeliveryRole::look_at_keys() {
  const auto now = std::chrono::steady_clock::now();
  if (now - looked_at_keys_ < kLookAtKeys) return;
  looked_at_keys_ = now;
  if (keys() == keys_) return;
  base::log::info("keys_changed", {});
  if (auto renewed = renew(); !renewed) {
    base::log::error("renewal_failed", {{"cause", renewed.error().text()}});
  }
}

std::string DeliveryRole::keys() const {
  std::string keys;
  const store::Lease db = store_.read();
  for (const authentication::DkimKeyEntry& key : authentication::dkim_keys(*db)) {
    if (key.state == authentication::DkimKeyState::active) keys += key.domain + "/" + key.selector + "\n";
  }
  for (const tracking::TokenKeyEntry& key : tracking::token_keys(*db)) keys += std::to_string(key.id) + "\n";
  return keys;
}

base::Result<void> DeliveryRole::renew() {
  std::string keys_now = keys();
  auto renewed = wire();
  keys_ = std::move(keys_now);  // also where it failed: not again every few seconds
  if (!renewed) return std::move(renewed).error();
  if (!wiring_->stop(kRenewal)) wiring_->cut();
  wiring_ = *std::move(renewed);
  wiring_->start();
  base::log::info("delivery_renewed", {});
  return base::done;
}

}  // namespace todoku::app
