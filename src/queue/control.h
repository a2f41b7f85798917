// Pause, resume and cancel of a campaign's sending. In effect for new claims at once; owners of leases learn it from
// renew() or is_running(), then finish() what they hold. In the caller's transaction.
#pragma once
#include <cstdint>

#include "base/clock.h"
#include "base/id.h"
#include "store/connection.h"

namespace todoku::queue {

/// Of a campaign cancelled already nothing changes.
void pause(store::Connection& db, base::CampaignId campaign);
void resume(store::Connection& db, base::CampaignId campaign);

/// For good: nobody is mailed any more. The outcomes `cancelled` are written by settle_cancelled(), which must be
/// called until it says 0; whoever sends calls it now and then, too.
void cancel(store::Connection& db, base::CampaignId campaign);

/// Whether the campaign's mails may be sent now; true for one the queue does not know.
[[nodiscard]] bool is_running(store::Connection& db, base::CampaignId campaign);

/// Gives the recipients of at most `max_batches` batches of cancelled campaigns their final outcome; how many
/// batches that were. About a millisecond or two each: a few at a time, so that other writes get their turn.
std::int64_t settle_cancelled(store::Connection& db, base::Time now, int max_batches = 20);

}  // namespace todoku::queue
