#include "remedy/correction.h"

#include <fmt/format.h>

#include "audience/sendable.h"
#include "intake/returned.h"
#include "queue/repeat.h"
#include "remedy/resend.h"
#include "submission/submission.h"

namespace todoku::remedy {
namespace {

/// Mails that programs hand in, and tests of stopped addresses, are no campaigns that could be sent again.
constexpr base::CampaignId kSubmissions{submission::kFirstCampaign};

/// The campaign whose mail to the contact failed last, in the session or later.
std::optional<campaign::Campaign> last_failed(store::Connection& db, base::ContactId contact) {
  base::CampaignId last;
  base::Time at{};
  for (const intake::Returned& returned : intake::returned_of(db, contact)) {
    if (returned.campaign < kSubmissions && returned.at > at) last = returned.campaign, at = returned.at;
  }
  if (const auto failed = queue::failure_of(db, contact, kSubmissions); failed && failed->at >= at)
    last = failed->campaign;
  return last ? campaign::find(db, last) : std::nullopt;
}

bool can_be_sent(const campaign::Campaign& campaign) {
  return campaign.state != campaign::State::draft && campaign.state != campaign::State::cancelled;
}

}  // namespace

base::Result<CorrectionDone> correct_and_resend(store::Connection& db, const CorrectionWanted& wanted, base::Time now) {
  const auto contact = audience::find_contact(db, wanted.address);
  if (!contact) {
    return base::Error{base::ErrorCode::not_found, "there is no such contact", "", std::string(wanted.address)};
  }
  auto campaign = wanted.campaign;
  if (!campaign) campaign = last_failed(db, contact->id);
  if (campaign && !wanted.campaign && !can_be_sent(*campaign)) campaign.reset();
  auto corrected =
      audience::correct_address(db, *contact, wanted.right, campaign ? campaign->id : base::CampaignId{}, now);
  if (!corrected) return std::move(corrected).error();
  CorrectionDone done{.corrected = *std::move(corrected), .campaign = campaign};
  if (!campaign) return done;
  done.waited = queue::waits(db, campaign->id, contact->id);
  done.may_not = audience::find_sendable(db, {&contact->id, 1}).empty();
  if (done.waited || done.may_not) return done;
  auto again =
      lay_down_again(db, *campaign, audience::kCorrectedEvent, {{contact->id, done.corrected.contact.domain}}, now);
  if (!again) return std::move(again).error();
  return done;
}

}  // namespace todoku::remedy
