#include "audience/import_store.h"

#include "audience/contact.h"
#include "audience/fields.h"
#include "audience/import_queries.h"

namespace todoku::audience {
namespace {

struct Change {
  std::int64_t id;
  std::string name;
  std::string fields;
  std::string_view consent;
};

class ChunkStore {
 public:
  ChunkStore(store::Connection& db, const ChunkTarget& target, const ImportChunk& chunk)
      : db_(db), target_(target), chunk_(chunk) {}

  ImportCounts store() {
    load_rows();
    compare_known();
    suppress();
    counts_.created = db_.execute(kAddContacts, {target_.now});
    store_changes();
    counts_.joined = db_.execute(kJoinList, {target_.list});
    db_.execute(kDropRows);
    return counts_;
  }

 private:
  void load_rows();
  void compare_known();
  void compare(std::size_t row, const store::Rows& known);
  void suppress();
  void store_changes();
  void append_fields(std::size_t row, std::string& json) const;

  store::Connection& db_;
  const ChunkTarget& target_;
  const ImportChunk& chunk_;
  std::vector<Change> changes_;
  ImportCounts counts_;
};

void ChunkStore::load_rows() {
  db_.execute(kMakeRows);
  const auto load = db_.load("import_row", "row, address, address_key, domain, name, fields, state, consent");
  std::string json;
  const auto active = to_string(State::active);
  for (std::size_t i = 0; i < chunk_.size(); ++i) {
    const auto contact = chunk_.contact(i);
    json.clear();
    append_fields(i, json);
    load->row({static_cast<std::int64_t>(i), contact.address, contact.address_key, contact.domain, contact.name, json,
               active, contact.consent.empty() ? store::Value(store::Null{}) : store::Value(contact.consent)});
  }
  load->finish();
}

void ChunkStore::compare_known() {
  auto rows = db_.query(kKnownContacts);
  while (rows.next()) compare(static_cast<std::size_t>(rows.integer(0)), rows);
}

void ChunkStore::compare(std::size_t row, const store::Rows& known) {
  const auto contact = chunk_.contact(row);
  const auto state = state_of(known.text(4));
  if (state != State::active && state != State::unconfirmed) ++counts_.refused;
  Change change{known.integer(1), std::string(known.text(2)), {}, contact.consent};
  const bool renamed = !contact.name.empty() && contact.name != change.name;
  if (renamed) change.name = contact.name;
  auto fields = Fields::from_json(known.text(3));
  bool changed = renamed || (known.is_null(5) && !contact.consent.empty());
  for (std::size_t i = 0; i < target_.field_names.size(); ++i) {
    const auto value = chunk_.value(row, i);
    if (value.empty()) continue;
    const auto* present = fields.find(target_.field_names[i]);
    if (present && *present == value) continue;
    fields.set(target_.field_names[i], value);
    changed = true;
  }
  if (!changed) return;
  change.fields = fields.json();
  changes_.push_back(std::move(change));
}

/// Of the rows that will become contacts.
void ChunkStore::suppress() {
  if (db_.query_integer(kAnySuppression)) counts_.refused += db_.execute(kSuppressRows);
}

void ChunkStore::append_fields(std::size_t row, std::string& json) const {
  char separator = '{';
  for (std::size_t i = 0; i < target_.field_names.size(); ++i) {
    const auto value = chunk_.value(row, i);
    if (value.empty()) continue;
    json += separator;
    append_json_string(json, target_.field_names[i]);
    json += ':';
    append_json_string(json, value);
    separator = ',';
  }
  json += separator == '{' ? "{}" : "}";
}

void ChunkStore::store_changes() {
  if (changes_.empty()) return;
  db_.execute(kMakeChanges);
  const auto load = db_.load("import_change", "id, name, fields, consent");
  for (const auto& change : changes_) {
    load->row({change.id, change.name, change.fields,
               change.consent.empty() ? store::Value(store::Null{}) : store::Value(change.consent)});
  }
  load->finish();
  counts_.changed = db_.execute(kChangeContacts, {target_.now});
  db_.execute(kDropChanges);
}

}  // namespace

ImportRecord start_import(store::Connection& db, const ImportStart& start, base::Time now) {
  bool done = false;
  ImportRecord record;
  {
    auto rows = db.query(kFindImport, {start.identity});
    if (rows.next()) {
      done = rows.text(1) == "done";
      record = {ImportId{rows.integer(0)},
                rows.integer(2),
                {rows.integer(3), rows.integer(4), rows.integer(5), rows.integer(6)}};
    }
  }
  if (!record.id) {
    const auto consent = start.consent.empty() ? store::Value(store::Null{}) : store::Value(start.consent);
    db.execute(kAddImport, {start.identity, start.file, start.list, consent, now});
    auto rows = db.query(kFindImport, {start.identity});
    rows.next();
    return {ImportId{rows.integer(0)}, 0, {}};
  }
  if (!done) return record;
  db.execute(kRestartImport, {record.id, now});
  return {record.id, 0, {}};
}

ImportCounts import_counts(store::Connection& db, ImportId id) {
  auto rows = db.query(kCountsOfImport, {id});
  if (!rows.next()) return {};
  return {rows.integer(0), rows.integer(1), rows.integer(2), rows.integer(3)};
}

void end_import(store::Connection& db, ImportId id, base::Time now) { db.execute(kEndImport, {id, now}); }

void store_chunk(store::Connection& db, const ChunkTarget& target, const ImportChunk& chunk) {
  const auto counts = ChunkStore(db, target, chunk).store();
  const auto advanced = db.execute(kAdvanceImport, {target.import, chunk.records(), counts.created, counts.changed,
                                                    counts.joined, counts.refused, chunk.first_record()});
  if (advanced != 1) {
    throw store::Failure(store::Failure::Kind::statement, "another import of the same file is at work");
  }
}

}  // namespace todoku::audience
