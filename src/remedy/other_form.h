// A campaign's mail sent again in another form (campaign/variant.h) to those whom it did not reach as it was.
//
// Whom: those whose last word is one of the causes, and who may be mailed now, as for resend.h; and as there, never to
// whom it was delivered or waits already, in whatever form. Functions take the connection of the caller's transaction.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "bounce/reason.h"
#include "campaign/campaign.h"
#include "campaign/variant.h"
#include "remedy/resend.h"
#include "store/connection.h"

namespace todoku::remedy {

struct Unreached {
  std::vector<Recipient> recipients;  // in order of contact
  std::int64_t waiting = 0;
  std::int64_t not_mailable = 0;
};

/// `only`: of these one alone.
[[nodiscard]] Unreached unreached(store::Connection& db, base::CampaignId campaign,
                                  const std::vector<bounce::Reason>& reasons, std::optional<base::ContactId> only,
                                  base::Time now);

struct OtherForm {
  campaign::Variant variant;
  std::string_view cause;  // of the table resend
  std::string_view public_url;
};
/// Makes the variant and lays it down for these; its campaign. Errors: those of campaign::start_variant(), and
/// `refused` for a draft or a cancelled campaign.
[[nodiscard]] base::Result<base::CampaignId> send_in_other_form(store::Connection& db,
                                                                const campaign::Campaign& original,
                                                                const OtherForm& form,
                                                                const std::vector<Recipient>& recipients,
                                                                base::Time now);

}  // namespace todoku::remedy
