#include "audience/contact.h"

#include <algorithm>
#include <array>

#include "audience/contact_queries.h"
#include "audience/suppression.h"
#include "base/ascii.h"
#include "mail/address.h"

namespace todoku::audience {
namespace {

constexpr std::array<std::string_view, kStateCount> kStateWords = {"active", "unconfirmed", "unsubscribed", "stopped",
                                                                   "suppressed"};

std::optional<Contact> first_of(store::Rows rows) {
  if (!rows.next()) return std::nullopt;
  return read_contact(rows);
}

}  // namespace

std::string_view to_string(State state) { return kStateWords[static_cast<std::size_t>(state)]; }

std::optional<State> state_of(std::string_view word) {
  const auto found = std::ranges::find(kStateWords, word);
  if (found == kStateWords.end()) return std::nullopt;
  return static_cast<State>(found - kStateWords.begin());
}

Contact read_contact(const store::Rows& rows, int first) {
  Contact contact{.id = base::ContactId{rows.integer(first)},
                  .address = std::string(rows.text(first + 1)),
                  .address_key = std::string(rows.text(first + 2)),
                  .domain = std::string(rows.text(first + 3)),
                  .name = std::string(rows.text(first + 4)),
                  .fields = Fields::from_json(rows.text(first + 5)),
                  .state = state_of(rows.text(first + 6)).value_or(State::suppressed),
                  .consent = {},
                  .consent_at = {},
                  .created_at = base::from_stored(rows.integer(first + 9)),
                  .changed_at = base::from_stored(rows.integer(first + 10))};
  if (!rows.is_null(first + 7)) contact.consent = std::string(rows.text(first + 7));
  if (!rows.is_null(first + 8)) contact.consent_at = base::from_stored(rows.integer(first + 8));
  return contact;
}

std::vector<Contact> read_contacts(store::Connection& db, std::string_view sql, std::span<const base::ContactId> ids) {
  std::vector<std::int64_t> values(ids.size());
  std::ranges::transform(ids, values.begin(), &base::ContactId::value);
  std::vector<Contact> found;
  found.reserve(ids.size());
  auto rows = db.query(sql, {store::Integers{values}});
  while (rows.next()) found.push_back(read_contact(rows));
  return found;
}

std::optional<Contact> find_contact(store::Connection& db, base::ContactId id) {
  return first_of(db.query(kContactById, {id}));
}

std::optional<Contact> find_contact(store::Connection& db, std::string_view address) {
  const auto parsed = mail::parse_address(address);
  if (!parsed) return std::nullopt;
  return first_of(db.query(kContactByKey, {parsed->match_key()}));
}

std::vector<Contact> find_contacts(store::Connection& db, std::span<const base::ContactId> ids) {
  return read_contacts(db, kContactsByIds, ids);
}

base::Result<base::ContactId> add_contact(store::Connection& db, const NewContact& contact, base::Time now) {
  const auto address = mail::parse_address(contact.address);
  if (!address) return address.error();
  const auto key = address->match_key();
  const auto state = find_suppression(db, key) ? State::suppressed : State::active;
  const auto consent_at = contact.consent ? store::Value(now) : store::Value(store::Null{});
  const auto added =
      db.execute(kAddContact, {base::trim(contact.address), key, address->ascii_domain, contact.name,
                               contact.fields.json(), to_string(state), contact.consent, consent_at, now});
  if (added == 0) {
    return base::Error{base::ErrorCode::exists, "there is a contact with this address already", "",
                       std::string(contact.address)};
  }
  return base::ContactId{*db.query_integer("select id from contact where address_key = ?1", {key})};
}

base::Result<void> unsubscribe(store::Connection& db, base::ContactId id, std::string_view reason, base::Time now) {
  const auto contact = find_contact(db, id);
  if (!contact) return base::Error{base::ErrorCode::not_found, "there is no such contact", "", ""};
  suppress(db, contact->address_key, {.reason = std::string(reason), .note = {}, .at = now});
  // A suppression by the operator says more than the reader's refusal; it stays what it is.
  if (contact->state != State::suppressed) db.execute(kSetState, {id, to_string(State::unsubscribed), now});
  return base::done;
}

}  // namespace todoku::audience
