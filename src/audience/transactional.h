// Who may get mail that is no newsletter: a receipt, a password. It needs no consent, and whoever unsubscribed from the
// newsletters still gets it; but nobody who complained, whom the operator barred, or whose address failed.
#pragma once
#include <span>
#include <string_view>
#include <vector>

#include "audience/contact.h"
#include "base/clock.h"
#include "base/id.h"
#include "mail/address.h"
#include "store/connection.h"

namespace todoku::audience {

/// Whether nothing at all may be sent to the address.
[[nodiscard]] bool refuses_all_mail(store::Connection& db, std::string_view address_key);

/// Those of the ids that such a mail may be sent to right now, in order of id. Whoever is stopped is among them while a
/// mail tests their address (retest.h).
[[nodiscard]] std::vector<Contact> find_reachable(store::Connection& db, std::span<const base::ContactId> ids);

/// The address's contact, made where there is none: without consent, and in no list, so that no campaign reaches it.
[[nodiscard]] base::ContactId contact_for(store::Connection& db, const mail::Address& address, base::Time now);

}  // namespace todoku::audience
