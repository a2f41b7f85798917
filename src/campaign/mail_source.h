// The mails of campaigns, as delivery asks for them.
//
// A campaign's template is compiled at its first batch and kept. The same recipient gets the same bytes whenever asked:
// Date is when the campaign was started, and all ids are signed tokens of campaign and contact.
#pragma once
#include <map>
#include <memory>
#include <mutex>

#include "base/result.h"
#include "campaign/campaign.h"
#include "campaign/message.h"
#include "queue/mail_source.h"
#include "store/store.h"
#include "tracking/token.h"

namespace todoku::campaign {

/// The campaign's template with its sender's identity, ready to be written.
[[nodiscard]] base::Result<CompiledMessage> compile_message(const Campaign& campaign,
                                                            const std::vector<TemplateFile>& files);

/// What all mails of the campaign have in common. Errors: a sender's address that is none.
[[nodiscard]] base::Result<MessageOptions> message_options(const Campaign& campaign);

/// Return path and links of one mail, from its token.
struct MailIdentity {
  std::string return_path;
  std::string message_id;  // before the @
  std::string unsubscribe_url;
  std::string unsubscribe_mailto;
};
[[nodiscard]] MailIdentity identity_of(const Campaign& campaign, base::ContactId contact,
                                       const tracking::Tokens& tokens);

class CampaignMails final : public queue::MailSource {
 public:
  /// `store` lives longer.
  CampaignMails(store::Store& store, tracking::Tokens tokens);
  ~CampaignMails() override;

  /// Throws where the campaign is gone or its template no longer compiles: it did when it was made.
  std::unique_ptr<queue::BatchMails> open(base::CampaignId campaign,
                                          std::span<const base::ContactId> contacts) override;

 private:
  struct Ready;
  std::shared_ptr<const Ready> ready(base::CampaignId id);

  store::Store& store_;
  const tracking::Tokens tokens_;
  std::mutex mutex_;
  std::map<base::CampaignId, std::shared_ptr<const Ready>> ready_;  // guarded by mutex_; shared with the open batches
};

}  // namespace todoku::campaign
