// Batches: the recipients of a campaign for one receiving site, leased to whoever sends them.
//
// outcomes.h has what became of them, control.h pause and cancel, counts.h the sums, retry.h the times of retries.
//
// A batch waits until it is due, is claimed for the time of a lease, and is deleted by finish(), which lays down later
// batches for those to be tried again. A lease that is not renewed any more (lease_watch.h) is ended by another, which
// makes the batch claimable again; the next owner asks progress_of() (outcomes.h) who is done. At a kill of anyone at
// any moment every recipient is either in a batch or has a final outcome, and never gets a second one.
//
// All functions run inside the caller's transaction (a writer's job).
#pragma once
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "queue/outcomes.h"
#include "store/connection.h"

namespace todoku::queue {

/// Higher ones are claimed first; those of one priority take turns by campaign.
enum class Priority : std::int8_t { bulk = 0, transactional = 10, test = 20 };

inline constexpr std::size_t kBatchSize = 1000;

struct LayDown {
  base::CampaignId campaign;
  base::Time now;           // expiry counts from here
  base::Time not_before{};  // earlier than now: at once, by whatever clock
  Priority priority = Priority::bulk;
};

/// Lays down recipients, given one by one in any order, as batches of one site each. Nothing is stored before finish().
class BatchBuilder {
 public:
  explicit BatchBuilder(const LayDown& what) : what_(what) {}
  void add(std::string_view site, base::ContactId contact);
  /// Once, at the end; how many recipients were laid down.
  std::int64_t finish(store::Connection& db);

 private:
  LayDown what_;
  std::map<std::string, std::vector<base::ContactId>, std::less<>> sites_;
};

/// One site's recipients at once.
void lay_down(store::Connection& db, const LayDown& what, std::string_view site,
              std::span<const base::ContactId> contacts);

struct Claim {
  std::string owner;  // unique for each process and start
  base::Time now;
  base::Duration lease = std::chrono::minutes(2);
  int max_batches = 1;
  std::int64_t max_mails = std::numeric_limits<std::int64_t>::max();  // but at least one batch
  std::vector<std::string> except_sites;
  Priority least = Priority::bulk;
};

struct Batch {
  base::BatchId id;
  std::string owner;
  base::CampaignId campaign;
  std::string site;
  int attempt = 1;
  Priority priority = Priority::bulk;
  base::Time laid_at;
  std::vector<base::ContactId> contacts;  // ascending; those with an outcome already among them
  bool taken_over = false;                // its lease ran out before: ask progress_of()
};

/// The batches whose turn it is, now leased until now + lease. Concurrent claimers get different ones. Leases of others
/// hold however long ago their end is.
[[nodiscard]] std::vector<Batch> claim(store::Connection& db, const Claim& claim);

/// Leases the owner's batches for longer; the ids that are still the owner's and may be sent on. Those missing are to
/// be given up: taken by another, or their campaign was paused or cancelled (then finish() them).
[[nodiscard]] std::vector<base::BatchId> renew(store::Connection& db, std::string_view owner,
                                               std::span<const base::BatchId> batches, base::Time until);

struct Retry {
  base::ContactId contact;
  base::Time at;
};

/// Ends a lease. Contacts that have a final outcome are done, those to be tried again go into later batches (near times
/// and equal reasons together), and whoever has neither goes back into the queue at once, the same attempt. In a
/// cancelled campaign they all become cancelled. False if the batch is another's by now; then nothing changes.
bool finish(store::Connection& db, const Batch& batch, std::span<const Retry> retries, base::Time now);

/// When claim() may find something that it does not find now: a batch becomes due, or a lease should be renewed. A past
/// time: it finds something already. Nothing: no batch waits, besides those of paused or cancelled campaigns.
[[nodiscard]] std::optional<base::Time> next_due(store::Connection& db);

/// Batches that somebody leased, or renewed, together.
struct Lease {
  std::string owner;
  base::Time end;  // by the owner's clock; each renewal moves it
  friend auto operator<=>(const Lease&, const Lease&) = default;
};
[[nodiscard]] std::vector<Lease> leases(store::Connection& db);

/// Makes the batches of a lease claimable again, unless they were renewed meanwhile; how many that were.
std::int64_t end_lease(store::Connection& db, const Lease& lease);

/// Ends all leases, for a process that knows to be the only one that sends (an exclusive store): what a killed one left
/// needs no waiting for.
void end_all_leases(store::Connection& db);

}  // namespace todoku::queue
