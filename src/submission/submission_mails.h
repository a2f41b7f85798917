// The mails of submissions, as delivery asks for them: what was handed in, under a signed return path, with one trace
// field that does not name the client. The same recipient gets the same bytes whenever asked.
#pragma once
#include <memory>
#include <string>

#include "queue/mail_source.h"
#include "store/store.h"
#include "tracking/token.h"

namespace todoku::submission {

class SubmissionMails final : public queue::MailSource {
 public:
  /// `store` lives longer. `hostname`: this server's, for Received.
  SubmissionMails(store::Store& store, tracking::Tokens tokens, std::string hostname);

  /// Throws where the submission is gone.
  std::unique_ptr<queue::BatchMails> open(base::CampaignId campaign,
                                          std::span<const base::ContactId> contacts) override;

 private:
  store::Store& store_;
  const tracking::Tokens tokens_;
  const std::string hostname_;
};

/// Submissions from the one source, all else from the other. Both live longer.
class MailsByOrigin final : public queue::MailSource {
 public:
  MailsByOrigin(queue::MailSource& campaigns, queue::MailSource& submissions)
      : campaigns_(campaigns), submissions_(submissions) {}
  std::unique_ptr<queue::BatchMails> open(base::CampaignId campaign,
                                          std::span<const base::ContactId> contacts) override;

 private:
  queue::MailSource& campaigns_;
  queue::MailSource& submissions_;
};

}  // namespace todoku::submission
