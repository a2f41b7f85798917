#include "app/mail_name.h"

#include <fmt/format.h>

#include "app/phrase.h"
#include "campaign/campaign.h"
#include "submission/submission.h"

namespace todoku::app {
namespace {

constexpr Phrase kHandedIn{"個別メール {}", "single mail {}"};
constexpr Phrase kGone{"配信 {}", "campaign {}"};

std::string name_of(store::Connection& db, base::CampaignId campaign, bounce::Language language) {
  if (!campaign) return "";
  if (submission::is_submission(campaign)) {
    return fmt::format(fmt::runtime(kHandedIn.in(language)), submission::submission_of(campaign));
  }
  auto found = campaign::find(db, campaign);
  return found ? std::move(found->name) : fmt::format(fmt::runtime(kGone.in(language)), campaign.value);
}

}  // namespace

const std::string& MailNames::of(store::Connection& db, base::CampaignId campaign) {
  const auto known = known_.find(campaign);
  if (known != known_.end()) return known->second;
  return known_.emplace(campaign, name_of(db, campaign, language_)).first->second;
}

}  // namespace todoku::app
