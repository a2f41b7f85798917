// The history of contacts: what happened, by what cause, out of which campaign's mail. Append-only.
#pragma once
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "store/connection.h"

namespace todoku::audience {

/// Words for ContactEvent::kind.
inline constexpr std::string_view kUnsubscribedEvent = "unsubscribed";

struct ContactEvent {
  base::ContactId contact;
  std::string kind;
  std::string cause;
  base::CampaignId campaign;  // none: of no campaign
  base::Time at;
};

/// In the caller's transaction.
void add_event(store::Connection& db, const ContactEvent& event);
/// In the order in which they happened.
[[nodiscard]] std::vector<ContactEvent> events_of(store::Connection& db, base::ContactId contact);

}  // namespace todoku::audience
