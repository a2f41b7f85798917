// Campaigns that one receiver refuses for what is in their mails or for who sends them: such a campaign is held there,
// but for a single mail now and then that tries whether it is taken by now; each try that fails doubles the rest. Its
// mails to others, and others' mails to this receiver, go on. No I/O, no clock.
#pragma once
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "base/clock.h"
#include "base/id.h"
#include "delivery/suspension.h"
#include "queue/outcome.h"

namespace todoku::delivery {

class Refusals {
 public:
  /// Of the last kLooked mails that were taken or refused so, kMany: a campaign is held.
  static constexpr int kLooked = 20;
  static constexpr int kMany = 10;

  explicit Refusals(base::Duration first_rest) : first_rest_(first_rest) {}

  enum class Change : std::uint8_t { none, held, lifted };
  /// A mail of the campaign was answered, at outcome.at.
  Change answered(const queue::Outcome& outcome);

  /// The next mail of the campaign may go, and is the try where it is held. Else why it may not.
  [[nodiscard]] const queue::Outcome* keeps_back(base::CampaignId campaign, base::Time now);
  /// Nothing: it is not held. A try that is under way counts as if it failed.
  [[nodiscard]] std::optional<base::Time> held_until(base::CampaignId campaign) const;

  /// Holds that are worth remembering while nothing is sent; the others are forgotten.
  [[nodiscard]] bool any(base::Time now);

 private:
  struct Campaign {
    std::uint32_t recent = 0;  // a bit for each of the last mails, set where it was refused
    Suspension rest;
    base::Time tried_at{};
    queue::Outcome cause;
  };

  base::Duration first_rest_;
  std::unordered_map<base::CampaignId, Campaign> campaigns_;  // those of which a mail was refused
};

}  // namespace todoku::delivery
