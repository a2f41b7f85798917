// How far a campaign is: what was sent, what waits, what failed and why. Read from aggregates, so it answers at once
// however large the campaign is.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "audience/contact.h"
#include "base/clock.h"
#include "campaign/campaign.h"
#include "store/connection.h"

namespace todoku::campaign {

/// Recipients for whom one cause was the last word so far.
struct CauseCount {
  std::string reason;         // word of bounce::Reason
  std::int64_t deferred = 0;  // will be tried again
  std::int64_t failed = 0;    // final
  std::int64_t bounced = 0;   // taken by the server, and returned later
  std::string example_address;
  std::optional<audience::Contact> example_contact = {};  // whose it is
  std::string example_reply;
};

struct Status {
  Campaign campaign;
  std::int64_t total = 0;      // recipients; of a draft: who would be mailed now
  std::int64_t delivered = 0;  // accepted by the receiving server
  std::int64_t waiting = 0;    // not tried yet
  std::int64_t deferred = 0;   // tried, to be tried again
  std::int64_t failed = 0;
  std::int64_t bounced = 0;  // of the delivered: a bounce or complaint came later; who reads bounces fills it in
  std::int64_t skipped = 0;  // stopped, unsubscribed or deleted before their turn
  std::int64_t cancelled = 0;
  std::optional<base::Time> next_attempt;  // of the deferred
  std::vector<CauseCount> causes;          // most frequent first
};

[[nodiscard]] Status status_of(store::Connection& db, const Campaign& campaign);

}  // namespace todoku::campaign
