#include "intake/history.h"

#include "bounce/diagnosis.h"
#include "intake/arrival.h"
#include "intake/intake_queries.h"

namespace todoku::intake {
namespace {

bounce::Kind kind_of(std::string_view word) {
  for (const auto kind :
       {bounce::Kind::bounce, bounce::Kind::delay, bounce::Kind::delivered, bounce::Kind::complaint}) {
    if (bounce::to_string(kind) == word) return kind;
  }
  return bounce::Kind::other;
}

bool is_proven(std::string_view found_by, std::string_view road, bounce::Kind kind) {
  if (found_by != to_string(FoundBy::recipient) && found_by != to_string(FoundBy::feedback_id)) return true;
  return road == to_string(Road::webhook) && kind == bounce::Kind::complaint;
}

}  // namespace

std::vector<std::int64_t> contacts_with_notices(store::Connection& db, base::ContactId after, std::int64_t limit) {
  std::vector<std::int64_t> contacts;
  store::Rows rows = db.query(kContactsWithNotices, {after, limit});
  while (rows.next()) contacts.push_back(rows.integer(0));
  return contacts;
}

void each_finding(store::Connection& db, std::span<const std::int64_t> contacts,
                  const std::function<void(const Finding&)>& use) {
  store::Rows rows = db.query(kFindingsOfContacts, {store::Integers{contacts}});
  while (rows.next()) {
    bounce::Diagnosis diagnosis;
    diagnosis.address = rows.text(3);
    diagnosis.reason = bounce::reason_of(rows.text(4)).value_or(bounce::Reason::unknown);
    diagnosis.permanent = rows.integer(5) != 0;
    if (const auto code = static_cast<int>(rows.integer(6)); code != 0) diagnosis.reply_code = code;
    diagnosis.remote_mta = rows.text(7);
    diagnosis.diagnostic = rows.text(8);
    const bounce::Kind kind = kind_of(rows.text(9));
    use({.mail = {{rows.integer(1)}, {rows.integer(0)}},
         .proven = is_proven(rows.text(10), rows.text(11), kind),
         .kind = kind,
         .diagnosis = &diagnosis,
         .at = base::from_stored(rows.integer(2))});
  }
}

}  // namespace todoku::intake
