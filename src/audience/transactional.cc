#include "audience/transactional.h"

#include <stdexcept>

#include "audience/contact_queries.h"

namespace todoku::audience {
namespace {

constexpr std::string_view kIdByKey = "select id from contact where address_key = ?1";
constexpr std::string_view kRefusesAll =
    "select 1 from suppression where address_key = ?1 and reason <> 'unsubscribed' union all "
    "select 1 from contact where address_key = ?1 and state = 'stopped' limit 1";
constexpr std::string_view kReachableOfIds =
    "select " TODOKU_CONTACT_COLUMNS
    " from contact c where c.id in (in_list(?1)) and (c.state <> 'stopped' or exists (select 1 from stop_test t where "
    "t.contact = c.id and t.decided_at is null)) and not exists (select 1 from suppression s where s.address_key = "
    "c.address_key and s.reason <> 'unsubscribed') order by c.id";

}  // namespace

bool refuses_all_mail(store::Connection& db, std::string_view address_key) {
  return db.query_integer(kRefusesAll, {address_key}).has_value();
}

std::vector<Contact> find_reachable(store::Connection& db, std::span<const base::ContactId> ids) {
  return read_contacts(db, kReachableOfIds, ids);
}

base::ContactId contact_for(store::Connection& db, const mail::Address& address, base::Time now) {
  const std::string key = address.match_key();
  if (const auto id = db.query_integer(kIdByKey, {key})) return {*id};
  const std::string text = address.display();
  const Fields no_fields;
  const auto added = add_contact(db, {.address = text, .name = "", .fields = no_fields, .consent = {}}, now);
  if (added) return *added;
  if (const auto id = db.query_integer(kIdByKey, {key})) return {*id};  // by another process just now
  throw std::runtime_error("no contact for an address: " + added.error().text());
}

}  // namespace todoku::audience
