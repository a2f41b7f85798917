// The one mail that finds out whether a stopped address works again: it says who writes and why, in ja and en, with the
// legal footer and the ways to refuse that every mail of that sender has.
#pragma once
#include <string>

#include "audience/contact.h"
#include "base/clock.h"
#include "base/result.h"
#include "campaign/campaign.h"
#include "submission/submission.h"
#include "tracking/token.h"

namespace todoku::app {

/// `campaign`: the one whose sender the reader knows. `name`: unique for this mail, a dot-atom.
[[nodiscard]] base::Result<submission::NewSubmission> write_retest(const campaign::Campaign& campaign,
                                                                   const audience::Contact& contact,
                                                                   const tracking::Tokens& tokens,
                                                                   std::string_view name, base::Time now);

}  // namespace todoku::app
