// What became of mails to single contacts, over all campaigns: for whoever weighs or tells their history.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/id.h"
#include "queue/outcome.h"
#include "store/connection.h"

namespace todoku::queue {

/// Ids of contacts whose mail failed for good at least once, ascending, beginning after `after`.
[[nodiscard]] std::vector<std::int64_t> contacts_with_failures(store::Connection& db, base::ContactId after,
                                                               std::int64_t limit);

/// All final failures of these contacts; without batch and attempt.
void each_failure(store::Connection& db, std::span<const std::int64_t> contacts,
                  const std::function<void(const Outcome&)>& use);

struct Delivery {
  base::ContactId contact;
  base::CampaignId campaign;
  base::Time at;
};
/// All deliveries to these contacts. No index leads to them, so every outcome is looked at: for many contacts together.
void each_delivery(store::Connection& db, std::span<const std::int64_t> contacts,
                   const std::function<void(const Delivery&)>& use);

/// Of one mail; nothing while it has none. For campaigns of few recipients: all of them are looked at.
[[nodiscard]] std::optional<Outcome> final_outcome_of(store::Connection& db, base::CampaignId campaign,
                                                      base::ContactId contact);

}  // namespace todoku::queue
