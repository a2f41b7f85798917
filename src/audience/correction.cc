#include "audience/correction.h"

#include <fmt/format.h>

#include "audience/contact_event.h"
#include "audience/contact_queries.h"
#include "audience/stop_queries.h"
#include "audience/suppression.h"
#include "base/ascii.h"
#include "mail/address.h"

namespace todoku::audience {
namespace {

using base::Error;
using base::ErrorCode;

constexpr char kSetAddress[] =
    "update contact set address = ?2, address_key = ?3, domain = ?4, changed_at = ?5 where id = ?1";
// Those that an outage holds for review, too.
constexpr char kCloseAll[] =
    "update stop set released_at = ?2, release_note = ?3 where contact = ?1 and released_at is null";

base::Result<void> may_become(store::Connection& db, const Contact& contact, const mail::Address& right,
                              std::string_view typed) {
  const std::string key = right.match_key();
  if (key == contact.address_key) {
    return Error{ErrorCode::invalid, "this is the address that the reader has", "give the right one",
                 std::string(typed)};
  }
  if (contact.state == State::unsubscribed || contact.state == State::suppressed) {
    return Error{ErrorCode::refused, fmt::format("this reader wants no mail ({})", to_string(contact.state)),
                 "a correction does not change that", contact.address};
  }
  if (find_suppression(db, key)) {
    return Error{ErrorCode::refused, "whoever has this address wants no mail", "check the address", std::string(typed)};
  }
  if (const auto other = find_contact(db, typed)) {
    return Error{ErrorCode::exists, "another contact has this address already",
                 fmt::format("`todoku contacts show {}` shows it", other->address), std::string(typed)};
  }
  return base::done;
}

}  // namespace

base::Result<Corrected> correct_address(store::Connection& db, const Contact& contact, std::string_view right,
                                        base::CampaignId campaign, base::Time now) {
  const auto address = mail::parse_address(right);
  if (!address) {
    Error error = address.error();
    error.where = error.where.empty() ? std::string(right) : fmt::format("{}, {}", right, error.where);
    return error;
  }
  if (auto may = may_become(db, contact, *address, right); !may) return std::move(may).error();
  Corrected done{contact, find_stops(db, {.contact = contact.id})};
  // The stop is released first: whoever hears of it is told the address that failed.
  const std::string note = fmt::format("address corrected to {}", base::trim(right));
  if (!done.released.empty()) release_stops(db, done.released, note, now);
  db.execute(kCloseAll, {contact.id, now, note});
  const std::int64_t id[] = {contact.id.value};
  db.execute(kForgetErrors, {store::Integers{id}});
  db.execute(kSetAddress, {contact.id, base::trim(right), address->match_key(), address->ascii_domain, now});
  add_event(db, {.contact = contact.id,
                 .kind = std::string(kCorrectedEvent),
                 .cause = contact.address,
                 .campaign = campaign,
                 .at = now});
  done.contact = *find_contact(db, contact.id);
  return done;
}

}  // namespace todoku::audience
