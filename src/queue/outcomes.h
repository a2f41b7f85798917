// Outcomes on disk, and what they say of a batch.
#pragma once
#include <span>
#include <vector>

#include "base/id.h"
#include "queue/mail_source.h"
#include "queue/outcome.h"
#include "queue/words.h"
#include "store/connection.h"

namespace todoku::queue {

/// Appends outcomes and adds them to the counters, in the caller's transaction; the more at a time the cheaper.
/// Left out: outcomes of a batch that is finished already (its lease had run out, its recipients were dealt with), and
/// second ones for the same batch and contact, except a final one after "deferred". `sink` (may be null) hears of those
/// kept. How many were kept. Within a job of the store's writer: on PostgreSQL a second outcome fails the first run of
/// the job, and is dealt with in the one that follows, with a savepoint.
std::size_t append(store::Connection& db, std::span<const Outcome> outcomes, OutcomeSink* sink = nullptr,
                   WordMemory* words = nullptr);

/// The final outcome `cancelled` for recipients of a batch that the caller has just ended, in this transaction.
/// Campaign, batch, attempt, site and time as in `like`.
void append_cancelled(store::Connection& db, Outcome like, std::span<const base::ContactId> contacts);

/// What is known of a batch's recipients.
struct Progress {
  struct Tried {
    base::ContactId contact;
    base::Time at;
    std::string reason;
  };
  std::vector<base::ContactId> final;  // ascending; they get no mail any more
  std::vector<Tried> deferred;         // ascending; tried in this batch, to be tried again later, not now
};
[[nodiscard]] Progress progress_of(store::Connection& db, base::CampaignId campaign, base::BatchId batch);

}  // namespace todoku::queue
