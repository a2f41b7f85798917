#include "audience/unsubscription.h"

#include "audience/contact.h"
#include "audience/contact_event.h"
#include "audience/suppression.h"

namespace todoku::audience {

std::string_view to_string(RefusalCause cause) {
  switch (cause) {
    case RefusalCause::one_click:
      return "one_click";
    case RefusalCause::page:
      return "page";
    case RefusalCause::mail:
      return "mail";
  }
  return "";
}

bool refuse_mail(store::Connection& db, const Refusal& refusal, base::Time now) {
  const auto contact = find_contact(db, refusal.contact);
  if (!contact) return false;
  if (contact->state == State::unsubscribed && find_suppression(db, contact->address_key)) return false;
  const auto unsubscribed = unsubscribe(db, refusal.contact, kUnsubscribed, now);
  if (!unsubscribed) return false;
  add_event(db, {.contact = refusal.contact,
                 .kind = std::string(kUnsubscribedEvent),
                 .cause = std::string(to_string(refusal.cause)),
                 .campaign = refusal.campaign,
                 .at = now});
  return true;
}

}  // namespace todoku::audience
