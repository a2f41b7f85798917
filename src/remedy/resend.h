// A campaign's mail sent again to those whom it did not reach.
//
// To whom: whose last word is the cause asked for, be it a refusal in the session or a bounce later, and who may be
// mailed now. Never to whom it was delivered and did not come back, never to whom it waits for already: so the same
// call again sends nothing. Those who are only put off are tried now instead of later. Again means the very mail,
// rebuilt, through the queue; what came of it is appended, and the first outcome stays.
//
// Functions take the connection of the caller's transaction and do not commit.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "bounce/reason.h"
#include "campaign/campaign.h"
#include "store/connection.h"

namespace todoku::remedy {

struct ResendWanted {
  bounce::Reason reason = bounce::Reason::unknown;
  std::string provider = {};  // a name of data/providers; empty: any
  std::string site = {};      // a receiving domain; empty: any
};

struct Recipient {
  base::ContactId contact;
  std::string domain;
};

struct ResendPlan {
  std::vector<Recipient> again;   // in order of contact
  std::int64_t waiting = 0;       // of that cause, and waiting for the mail already
  std::int64_t not_mailable = 0;  // stopped, unsubscribed, gone
  std::int64_t hastened = 0;      // put off for that cause: tried now
  std::vector<std::string> hastened_sites = {};
};

/// Changes nothing. Errors: `not_found` for a provider that is none.
[[nodiscard]] base::Result<ResendPlan> plan_resend(store::Connection& db, base::CampaignId campaign,
                                                   const ResendWanted& wanted, base::Time now);

/// Does what the plan of this transaction says. Errors: `refused` where the campaign is a draft or cancelled.
[[nodiscard]] base::Result<void> resend(store::Connection& db, const campaign::Campaign& campaign,
                                        const ResendWanted& wanted, const ResendPlan& plan, base::Time now);

/// Lays the campaign's mail down again for these; `cause`: of the table resend. They must not be waiting for it.
[[nodiscard]] base::Result<void> lay_down_again(store::Connection& db, const campaign::Campaign& campaign,
                                                std::string_view cause, const std::vector<Recipient>& recipients,
                                                base::Time now);

/// What came of everything that was sent again.
struct ResendCount {
  base::Time at;
  std::string cause;
  base::CampaignId via = {};  // the variant that carries it; none: the mail as it was
  std::int64_t recipients = 0;
  std::int64_t delivered = 0;
  std::int64_t failed = 0;
  std::int64_t skipped = 0;  // and cancelled
  std::int64_t waiting = 0;
};
/// In order of time. A delivery that came back counts as delivered, as in the campaign's status.
[[nodiscard]] std::vector<ResendCount> resends_of(store::Connection& db, base::CampaignId campaign);

}  // namespace todoku::remedy
