#include "remedy/other_form.h"

#include <algorithm>

#include "campaign/reopen.h"
#include "remedy/remedy_queries.h"

namespace todoku::remedy {

Unreached unreached(store::Connection& db, base::CampaignId campaign, const std::vector<bounce::Reason>& reasons,
                    std::optional<base::ContactId> only, base::Time now) {
  Unreached all;
  for (const bounce::Reason reason : reasons) {
    auto plan = plan_resend(db, campaign, {.reason = reason}, now);
    if (!plan) continue;  // fails for a provider alone
    all.waiting += plan->waiting;
    all.not_mailable += plan->not_mailable;
    for (Recipient& recipient : plan->again) {
      if (!only || recipient.contact == *only) all.recipients.push_back(std::move(recipient));
    }
  }
  std::ranges::sort(all.recipients, {}, &Recipient::contact);
  const auto twice = std::ranges::unique(all.recipients, {}, &Recipient::contact);
  all.recipients.erase(twice.begin(), twice.end());
  return all;
}

base::Result<base::CampaignId> send_in_other_form(store::Connection& db, const campaign::Campaign& original,
                                                  const OtherForm& form, const std::vector<Recipient>& recipients,
                                                  base::Time now) {
  if (auto fit = campaign::can_reopen(original); !fit) return std::move(fit).error();
  std::vector<campaign::VariantRecipient> to;
  std::vector<std::int64_t> contacts;
  for (const Recipient& recipient : recipients) {
    to.push_back({recipient.contact, recipient.domain});
    contacts.push_back(recipient.contact.value);
  }
  auto via = campaign::start_variant(db, form.variant, to, form.public_url, now);
  if (!via) return via;
  const auto count = static_cast<std::int64_t>(recipients.size());
  const auto id = db.query_integer(kAddResend, {original.id, form.cause, 0, count, now, *via});
  db.execute(kAddResendRecipients, {original.id, id.value(), store::Integers{contacts}});
  return via;
}

}  // namespace todoku::remedy
