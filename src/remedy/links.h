// A mail's attachments sent as links, from which they can be fetched for a time (app/serve/download_pages.h).
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "remedy/other_form.h"

namespace todoku::remedy {

struct LinksWanted {
  std::vector<bounce::Reason> reasons{bounce::Reason::message_too_big, bounce::Reason::recipient_size_limit};
  std::optional<base::ContactId> only = {};
  base::Duration valid{0};      // from now
  std::string public_url = {};  // where the links lead to
  std::string language = "ja";  // of what is added to the mail
};

/// The paths of a campaign's attachments, in order. Errors: `invalid` where it has none.
[[nodiscard]] base::Result<std::vector<std::string>> attachments_of(store::Connection& db,
                                                                    const campaign::Campaign& campaign);

/// Sends the mail with links in the place of all its attachments; the campaign that carries it. Errors: `invalid` where
/// there are no attachments or no public URL, and send_in_other_form()'s.
[[nodiscard]] base::Result<base::CampaignId> send_links(store::Connection& db, const campaign::Campaign& campaign,
                                                        const LinksWanted& wanted,
                                                        const std::vector<Recipient>& recipients, base::Time now);

}  // namespace todoku::remedy
