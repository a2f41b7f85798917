// Mails that a server took and that came back later: the last word on them, for whoever sends again.
#pragma once
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "store/connection.h"

namespace todoku::intake {

struct Returned {
  base::CampaignId campaign;
  base::ContactId contact;
  std::string reason;  // word of bounce::Reason
  base::Time at;
  std::string diagnostic;  // the server's words
};

/// Permanent bounces of a campaign's mails, in order of time.
[[nodiscard]] std::vector<Returned> returned_of(store::Connection& db, base::CampaignId campaign);
/// Those of one contact over all campaigns, the newest first.
[[nodiscard]] std::vector<Returned> returned_of(store::Connection& db, base::ContactId contact);

}  // namespace todoku::intake
