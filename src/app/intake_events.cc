#include "app/intake_events.h"

#include <vector>

#include "app/mail_provider.h"
#include "audience/contact.h"
#include "audience/unsubscription.h"
#include "bounce/explanation.h"
#include "campaign/campaign.h"
#include "mail/address.h"
#include "store/utf8.h"

namespace todoku::app {
namespace {

std::string domain_of(const intake::Finding& finding) {
  const auto address = mail::parse_address(finding.diagnosis->address);
  return address ? address->ascii_domain : "";
}

}  // namespace

std::optional<audience::Event> event_of(const intake::Finding& finding) {
  if (finding.kind == bounce::Kind::delay || finding.diagnosis == nullptr) return std::nullopt;
  const bounce::Diagnosis& diagnosis = *finding.diagnosis;
  audience::Event event;
  event.contact = finding.mail.contact;
  event.campaign = finding.mail.campaign;
  event.at = finding.at;
  event.reason = finding.kind == bounce::Kind::delivered   ? bounce::Reason::delivered
                 : finding.kind == bounce::Kind::complaint ? bounce::Reason::complaint
                                                           : diagnosis.reason;
  event.effect = bounce::effect_of(event.reason);
  // The notice itself says that the mail was given up, whatever code was the last.
  event.permanent = true;
  if (event.effect == bounce::Effect::hard && !diagnosis.permanent) event.effect = bounce::Effect::soft;
  event.reply = store::to_storable_text(diagnosis.diagnostic);
  event.site = domain_of(finding);
  event.provider = provider_of(event.site, diagnosis.remote_mta);
  event.late = true;
  event.proven = finding.proven;
  return event;
}

void IntakeEvents::record(store::Connection& db, std::span<const intake::Finding> findings) {
  std::vector<audience::Event> events;
  events.reserve(findings.size());
  for (const intake::Finding& finding : findings) {
    if (auto event = event_of(finding)) events.push_back(*std::move(event));
  }
  (void)policy_.record(db, events);  // its outages are for delivery, which looks by itself
}

void IntakeEvents::refused(store::Connection& db, tracking::MailId mail, base::Time at) {
  audience::refuse_mail(db, {.contact = mail.contact, .campaign = mail.campaign, .cause = audience::RefusalCause::mail},
                        at);
}

std::optional<tracking::MailId> IntakeEvents::last_mail_to(store::Connection& db, std::string_view address,
                                                           base::Time before) {
  const auto contact = audience::find_contact(db, address);
  if (!contact) return std::nullopt;
  const base::CampaignId campaign = campaign::last_campaign_of(db, contact->id, before);
  if (!campaign) return std::nullopt;
  return tracking::MailId{campaign, contact->id};
}

std::optional<tracking::MailId> IntakeEvents::mail_of(store::Connection& db, tracking::FeedbackId id,
                                                      std::string_view address) {
  const auto campaign = campaign::find(db, id.campaign);
  if (!campaign || campaign->list != id.list) return std::nullopt;
  const auto contact = address.empty() ? std::nullopt : audience::find_contact(db, address);
  return tracking::MailId{id.campaign, contact ? contact->id : base::ContactId{}};
}

}  // namespace todoku::app
