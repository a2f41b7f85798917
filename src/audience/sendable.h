// Who of a list may be sent to: active, with a basis of consent, and no refusal of the address on record.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "audience/contact.h"
#include "base/id.h"
#include "store/connection.h"

namespace todoku::audience {

/// Streams the sendable members of a list in order of domain, then id, so that a campaign can lay out batches for one
/// receiving site each. Holds the connection's statement until destroyed.
///   SendableContacts contacts(db, list);
///   while (contacts.next()) use(contacts.id(), contacts.domain());
class SendableContacts {
 public:
  SendableContacts(store::Connection& db, base::ListId list);
  bool next() { return rows_.next(); }
  [[nodiscard]] base::ContactId id() const { return base::ContactId{rows_.integer(0)}; }
  /// Valid until the next call of next().
  [[nodiscard]] std::string_view domain() const { return rows_.text(1); }

 private:
  store::Rows rows_;
};

[[nodiscard]] std::int64_t count_sendable(store::Connection& db, base::ListId list);

/// Those of the ids that may be sent to right now, in order of id: what a batch asks again when its turn comes.
[[nodiscard]] std::vector<Contact> find_sendable(store::Connection& db, std::span<const base::ContactId> ids);

}  // namespace todoku::audience
