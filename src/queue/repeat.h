// What sending again has to know of outcomes, and bringing retries forward. In the caller's transaction.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "queue/outcome.h"
#include "store/connection.h"

namespace todoku::queue {

/// A recipient's final outcome.
struct Final {
  base::ContactId contact;
  base::BatchId batch;
  Result result = Result::failed;
  std::string reason;
  std::string site;
  base::Time at;
};

/// Every recipient who failed for that reason, in order of time; once for each time that the mail was laid down.
[[nodiscard]] std::vector<Final> failed_for(store::Connection& db, base::CampaignId campaign, std::string_view reason);
/// What was said to those who failed for that reason; only texts that are there.
struct FailureText {
  base::ContactId contact;
  std::string text;
};
[[nodiscard]] std::vector<FailureText> failure_texts(store::Connection& db, base::CampaignId campaign,
                                                     std::string_view reason);
/// Final outcomes of later batches than that, in order of time.
[[nodiscard]] std::vector<Final> finals_after(store::Connection& db, base::CampaignId campaign, base::BatchId batch);

/// The contact's last failure in a campaign with a lower number than `below`.
struct Failure {
  base::CampaignId campaign;
  base::Time at;
};
[[nodiscard]] std::optional<Failure> failure_of(store::Connection& db, base::ContactId contact, base::CampaignId below);

/// No batch that was laid down or has outcomes of this campaign has a higher number.
[[nodiscard]] base::BatchId newest_batch(store::Connection& db, base::CampaignId campaign);

/// Whether the contact is still to get the campaign's mail: for the first time or again. Looks through the campaign's
/// batches, so for one contact, not for thousands.
[[nodiscard]] bool waits(store::Connection& db, base::CampaignId campaign, base::ContactId contact);

/// Recipients whose last attempt was put off for that reason, and who wait for a later time than `now`.
struct DeferredSite {
  std::string site;
  std::int64_t recipients = 0;
};
[[nodiscard]] std::vector<DeferredSite> deferred_for(store::Connection& db, base::CampaignId campaign,
                                                     std::string_view reason, base::Time now);
/// Lets them be tried now, as fast as their receiver is sent to otherwise.
void hasten(store::Connection& db, base::CampaignId campaign, std::string_view reason, std::string_view site);

}  // namespace todoku::queue
