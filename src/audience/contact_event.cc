#include "audience/contact_event.h"

namespace todoku::audience {
namespace {

constexpr char kAdd[] = "insert into contact_event (contact, kind, cause, campaign, at) values (?1, ?2, ?3, ?4, ?5)";
constexpr char kOfContact[] =
    "select contact, kind, cause, coalesce(campaign, 0), at from contact_event where contact = ?1 order by id";

}  // namespace

void add_event(store::Connection& db, const ContactEvent& event) {
  const store::Value campaign = event.campaign ? store::Value(event.campaign) : store::Value(store::Null{});
  db.execute(kAdd, {event.contact, event.kind, event.cause, campaign, event.at});
}

std::vector<ContactEvent> events_of(store::Connection& db, base::ContactId contact) {
  std::vector<ContactEvent> events;
  store::Rows rows = db.query(kOfContact, {contact});
  while (rows.next()) {
    events.push_back({.contact = {rows.integer(0)},
                      .kind = std::string(rows.text(1)),
                      .cause = std::string(rows.text(2)),
                      .campaign = {rows.integer(3)},
                      .at = base::from_stored(rows.integer(4))});
  }
  return events;
}

}  // namespace todoku::audience
