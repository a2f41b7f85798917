#include "audience/list.h"

#include <cassert>
#include <numeric>

#include "audience/contact_queries.h"

namespace todoku::audience {

std::optional<base::ListId> find_list(store::Connection& db, std::string_view name) {
  auto rows = db.query(kListByName, {name});
  if (!rows.next()) return std::nullopt;
  return base::ListId{rows.integer(0)};
}

base::ListId make_list(store::Connection& db, std::string_view name, base::Time now) {
  if (const auto present = find_list(db, name)) return *present;
  db.execute(kAddList, {name, now});
  return *find_list(db, name);
}

std::vector<List> lists(store::Connection& db) {
  std::vector<List> found;
  auto rows = db.query(kLists);
  while (rows.next()) {
    found.push_back({.id = base::ListId{rows.integer(0)},
                     .name = std::string(rows.text(1)),
                     .created_at = base::from_stored(rows.integer(2)),
                     .members = rows.integer(3)});
  }
  return found;
}

std::vector<std::string> lists_of(store::Connection& db, base::ContactId contact) {
  std::vector<std::string> names;
  auto rows = db.query(kListsOfContact, {contact});
  while (rows.next()) names.emplace_back(rows.text(0));
  return names;
}

bool add_member(store::Connection& db, base::ListId list, base::ContactId contact) {
  return db.execute(kAddMember, {list, contact}) > 0;
}

std::int64_t MemberCounts::all() const { return std::accumulate(by_state.begin(), by_state.end(), std::int64_t{0}); }

MemberCounts count_members(store::Connection& db, base::ListId list) {
  MemberCounts counts;
  auto rows = db.query(kCountMembers, {list});
  while (rows.next()) {
    const auto state = state_of(rows.text(0));
    assert(state);  // the table's check
    counts.by_state[static_cast<std::size_t>(*state)] += rows.integer(2);
    if (rows.integer(1) == 0) counts.without_consent += rows.integer(2);
  }
  return counts;
}

std::vector<Contact> members(store::Connection& db, base::ListId list, base::ContactId after, std::int64_t limit) {
  std::vector<Contact> found;
  auto rows = db.query(kContactsOfList, {list, after, limit});
  while (rows.next()) found.push_back(read_contact(rows));
  return found;
}

}  // namespace todoku::audience
