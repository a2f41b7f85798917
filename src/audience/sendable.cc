#include "audience/sendable.h"

#include "audience/contact_queries.h"

namespace todoku::audience {

SendableContacts::SendableContacts(store::Connection& db, base::ListId list)
    : rows_(db.query(kSendableOfList, {list})) {}

std::int64_t count_sendable(store::Connection& db, base::ListId list) {
  auto rows = db.query(kSendableCount, {list});
  return rows.next() ? rows.integer(0) : 0;
}

std::vector<Contact> find_sendable(store::Connection& db, std::span<const base::ContactId> ids) {
  return read_contacts(db, kSendableOfIds, ids);
}

}  // namespace todoku::audience
