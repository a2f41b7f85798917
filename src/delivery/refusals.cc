#include "delivery/refusals.h"

#include <bit>

#include "bounce/explanation.h"
#include "bounce/reason.h"

namespace todoku::delivery {
namespace {

constexpr base::Duration kTry = std::chrono::minutes(2);        // longer than that, its answer is not waited for
constexpr base::Duration kRemembered = std::chrono::hours(24);  // after the time of the next try

/// For good, by the server's words, because of the mail or of its sender: the next reader's would be refused as well.
bool is_refusal(const queue::Outcome& outcome) {
  if (outcome.result != queue::Result::failed || outcome.reply_code == 0) return false;
  const auto reason = bounce::reason_of(outcome.reason);
  if (!reason) return false;
  const bounce::Effect effect = bounce::effect_of(*reason);
  return effect == bounce::Effect::message || effect == bounce::Effect::sender;
}

}  // namespace

Refusals::Change Refusals::answered(const queue::Outcome& outcome) {
  constexpr std::uint32_t kAll = (1U << kLooked) - 1;
  const bool refused = is_refusal(outcome);
  const bool taken = outcome.result == queue::Result::delivered;
  if (!refused && !taken) return Change::none;  // of the reader, or of the moment
  auto found = campaigns_.find(outcome.campaign);
  if (found == campaigns_.end()) {
    if (taken) return Change::none;
    found =
        campaigns_.emplace(outcome.campaign, Campaign{.recent = 0, .rest = Suspension(first_rest_), .cause = {}}).first;
  }
  Campaign& campaign = found->second;
  if (taken && campaign.rest.passed()) {
    campaigns_.erase(found);
    return Change::lifted;
  }
  campaign.recent = (campaign.recent << 1 | (refused ? 1U : 0U)) & kAll;
  if (campaign.recent == 0) {
    campaigns_.erase(found);
    return Change::none;
  }
  if (!refused) return Change::none;
  if (!campaign.rest.active() && std::popcount(campaign.recent) < kMany) return Change::none;
  campaign.cause = outcome;
  return campaign.rest.blocked(outcome.at) ? Change::held : Change::none;
}

const queue::Outcome* Refusals::keeps_back(base::CampaignId campaign, base::Time now) {
  const auto found = campaigns_.find(campaign);
  if (found == campaigns_.end() || !found->second.rest.active()) return nullptr;
  Campaign& held = found->second;
  if (held.rest.trying() && now >= held.tried_at + kTry) held.rest.give_back();
  if (held.rest.free_at(now) > now) return &held.cause;
  held.rest.take(now);
  held.tried_at = now;
  return nullptr;
}

std::optional<base::Time> Refusals::held_until(base::CampaignId campaign) const {
  const auto found = campaigns_.find(campaign);
  if (found == campaigns_.end() || !found->second.rest.active()) return std::nullopt;
  const Suspension& rest = found->second.rest;
  return rest.trying() ? rest.try_at() + first_rest_ : rest.try_at();
}

bool Refusals::any(base::Time now) {
  std::erase_if(campaigns_, [now](const auto& each) {
    const Suspension& rest = each.second.rest;
    return !rest.active() || now > rest.try_at() + kRemembered;
  });
  return !campaigns_.empty();
}

}  // namespace todoku::delivery
