// Mails that programs handed in, in the database and in the queue.
//
// Each is kept once, its recipients beside it. The queue, the outcomes and the signed tokens know a submission as a
// campaign of its own, with a number above all campaigns': so retries, outcomes, bounces and the stop policy treat its
// mails as they do a campaign's, and it takes no part in lists of campaigns. When its last recipient has a final
// outcome, its content is forgotten.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "mail/address.h"
#include "queue/outcome.h"
#include "queue/queue.h"
#include "store/connection.h"
#include "submission/submission_key.h"
#include "submission/submitted_mail.h"

namespace todoku::submission {

inline constexpr std::int64_t kFirstCampaign = std::int64_t{1} << 40;
[[nodiscard]] constexpr bool is_submission(base::CampaignId campaign) { return campaign.value > kFirstCampaign; }
[[nodiscard]] constexpr base::CampaignId campaign_of(std::int64_t submission) { return {kFirstCampaign + submission}; }
[[nodiscard]] constexpr std::int64_t submission_of(base::CampaignId campaign) {
  return campaign.value - kFirstCampaign;
}

struct NewSubmission {
  std::int64_t key = 0;
  std::string sender;
  std::string return_domain;
  std::vector<mail::Address> recipients;  // one mailbox named twice gets it once
  SubmittedMail mail;
  queue::Priority priority = queue::Priority::transactional;
};

/// Stores it and lays its recipients down in the queue, before all bulk mail; its number.
std::int64_t accept(store::Connection& db, const NewSubmission& wanted, base::Time now);

/// Notes final outcomes of submissions among these (others are passed over), and forgets the content of those that are
/// over. In the transaction that stores the outcomes.
void record(store::Connection& db, std::span<const queue::Outcome> outcomes);

struct Submission {
  std::int64_t id = 0;
  std::string key;  // its name
  std::string sender;
  std::string return_domain;
  std::string message_id;
  std::string content;  // empty once it is over, and in lists
  std::int64_t size = 0;
  bool smtputf8 = false;
  bool eight_bit = false;
  std::int64_t recipients = 0;
  std::int64_t open_recipients = 0;
  base::Time received_at;
  std::optional<base::Time> finished_at;
};
[[nodiscard]] std::optional<Submission> find(store::Connection& db, std::int64_t id);
/// The newest first; of all keys where `key` is empty.
[[nodiscard]] std::vector<Submission> submissions(store::Connection& db, std::string_view key, std::int64_t limit);

/// A recipient as handed in, and what became of it last.
struct SubmissionRecipient {
  base::ContactId contact;
  std::string address;
  std::optional<queue::Result> result;  // none: not tried yet
  std::string reason;                   // word of bounce::Reason
  std::string text;
};
[[nodiscard]] std::vector<SubmissionRecipient> recipients(store::Connection& db, std::int64_t id);

}  // namespace todoku::submission
