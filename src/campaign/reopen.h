// A finished campaign sends again, to recipients that were laid down once more.
#pragma once
#include "base/result.h"
#include "campaign/campaign.h"
#include "store/connection.h"

namespace todoku::campaign {

/// Whether its mail may be sent again at all. Errors: `refused` for a draft and for a cancelled one.
[[nodiscard]] base::Result<void> can_reopen(const Campaign& campaign);

/// Finished → sending; sending and paused stay as they are. Errors: `refused` for a draft and for a cancelled one.
[[nodiscard]] base::Result<void> reopen(store::Connection& db, const Campaign& campaign);

}  // namespace todoku::campaign
