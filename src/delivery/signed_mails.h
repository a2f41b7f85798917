// Mails of another source, signed with DKIM where there is a key for the domain of their From field; else as they are.
//
// The signing domain is that of From, or the nearest one above it that has keys: under DMARC's relaxed alignment both
// count as the sender's. What is signed stays the same for the same mail and key, so that it can be written again.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "authentication/dkim_signer.h"
#include "queue/mail_source.h"

namespace todoku::delivery {

struct SigningDomain {
  std::string domain;  // A-labels, lower case
  std::vector<authentication::DkimSigningKey> keys;
};

class SignedMails final : public queue::MailSource {
 public:
  /// `mails` lives longer.
  SignedMails(queue::MailSource& mails, std::vector<SigningDomain> domains);
  ~SignedMails() override;

  std::unique_ptr<queue::BatchMails> open(base::CampaignId campaign,
                                          std::span<const base::ContactId> contacts) override;

  class Signing;  // the signers of each domain, which are ready for the next batch, too

 private:
  queue::MailSource& mails_;
  std::shared_ptr<Signing> signing_;  // shared with the open batches; null: nothing is signed
};

/// The domain of the From field of a mail that this program wrote, as it stands there; empty where there is none.
[[nodiscard]] std::string_view from_domain(std::string_view mail);

}  // namespace todoku::delivery
