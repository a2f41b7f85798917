// How far a campaign is, from sums that are kept as outcomes are stored: as fast for a million recipients as for ten.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "queue/outcome.h"
#include "store/connection.h"

namespace todoku::queue {

struct Counts {
  std::int64_t recipients = 0;  // laid down
  std::int64_t delivered = 0;
  std::int64_t failed = 0;
  std::int64_t skipped = 0;
  std::int64_t cancelled = 0;
  std::int64_t deferred = 0;  // tried, to be tried again
  std::int64_t waiting = 0;   // not tried yet
  std::int64_t attempts = 0;  // to deliver, with all their repeats

  [[nodiscard]] std::int64_t final() const { return delivered + failed + skipped + cancelled; }
  /// Every recipient has a final outcome.
  [[nodiscard]] bool finished() const { return final() >= recipients; }
};
[[nodiscard]] Counts counts_of(store::Connection& db, base::CampaignId campaign);

/// Recipients by their last outcome and its reason, most first; for deferred: those waiting for their next attempt now.
struct ReasonCount {
  Result result = Result::failed;
  std::string reason;
  std::int64_t count = 0;
};
[[nodiscard]] std::vector<ReasonCount> reasons_of(store::Connection& db, base::CampaignId campaign);

/// What a receiving site answered, the largest sites first.
struct SiteCount {
  std::string site;
  std::int64_t delivered = 0;
  std::int64_t failed = 0;
  std::int64_t deferrals = 0;  // attempts, not recipients
};
[[nodiscard]] std::vector<SiteCount> sites_of(store::Connection& db, base::CampaignId campaign, int limit);

/// When the campaign's next batch that waits for its time is due.
[[nodiscard]] std::optional<base::Time> next_attempt_of(store::Connection& db, base::CampaignId campaign);

/// What waits for a site, over all campaigns, the most first.
struct SiteQueue {
  std::string site;
  std::string state;   // as QueueState's
  std::string reason;  // of the last deferral, empty at first attempts
  std::int64_t recipients = 0;
  base::Time next_due;  // of state sending: when its first lease ends
  base::Time laid_at;   // of the oldest
};
/// What is not given does not narrow; `site` is a receiving domain.
struct QueueFilter {
  base::CampaignId campaign = {};
  std::string site = {};
  int limit = 100;
};
[[nodiscard]] std::vector<SiteQueue> waiting_by_site(store::Connection& db, const QueueFilter& filter);

/// What is in the queue, over all campaigns, by site and by what it waits for.
struct QueueState {
  std::string site;
  std::string state;  // waiting: not tried yet; deferred; sending: leased, those just settled included; held: paused
  std::int64_t recipients = 0;
};
[[nodiscard]] std::vector<QueueState> queue_states(store::Connection& db);

}  // namespace todoku::queue
