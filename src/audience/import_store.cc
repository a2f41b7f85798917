#include "audience/import_store.h"

#include "audience/contact.h"
#include "audience/fields.h"
#include "audience/import_queries.h"

namespace todoku::audience {
namespace {

/// What a row of the chunk means for the database.
enum class Fate : std::uint8_t { fresh, fresh_suppressed, known };

struct Change {
  std::int64_t id;
  std::string name;
  std::string fields;
  std::string_view consent;
};

class ChunkStore {
 public:
  ChunkStore(store::Connection& db, const ChunkTarget& target, const ImportChunk& chunk)
      : db_(db), target_(target), chunk_(chunk), fates_(chunk.size(), Fate::fresh) {}

  ImportCounts store() {
    load_keys();
    find_known();
    find_suppressed();
    load_fresh();
    store_changes();
    counts_.joined = db_.execute(kJoinList, {target_.list});
    db_.execute(kDropKeys);
    return counts_;
  }

 private:
  void load_keys();
  void find_known();
  void compare(std::size_t row, const store::Rows& known);
  void find_suppressed();
  void load_fresh();
  void store_changes();
  void append_fields(std::size_t row, std::string& json) const;

  store::Connection& db_;
  const ChunkTarget& target_;
  const ImportChunk& chunk_;
  std::vector<Fate> fates_;
  std::vector<Change> changes_;
  ImportCounts counts_;
};

void ChunkStore::load_keys() {
  db_.execute(kMakeKeys);
  const auto load = db_.load("import_key", "row, address_key");
  for (std::size_t i = 0; i < chunk_.size(); ++i) {
    load->row({static_cast<std::int64_t>(i), chunk_.contact(i).address_key});
  }
  load->finish();
}

void ChunkStore::find_known() {
  auto rows = db_.query(kKnownContacts);
  while (rows.next()) compare(static_cast<std::size_t>(rows.integer(0)), rows);
}

void ChunkStore::compare(std::size_t row, const store::Rows& known) {
  const auto contact = chunk_.contact(row);
  fates_[row] = Fate::known;
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

void ChunkStore::find_suppressed() {
  if (!db_.query_integer(kAnySuppression)) return;
  auto rows = db_.query(kKnownSuppressions);
  while (rows.next()) {
    auto& fate = fates_[static_cast<std::size_t>(rows.integer(0))];
    if (fate != Fate::fresh) continue;
    fate = Fate::fresh_suppressed;
    ++counts_.refused;
  }
}

void ChunkStore::load_fresh() {
  const auto load = db_.load(
      "contact", "address, address_key, domain, name, fields, state, consent, consent_at, created_at, changed_at");
  std::string json;
  const store::Value null = store::Null{};
  for (std::size_t i = 0; i < fates_.size(); ++i) {
    if (fates_[i] == Fate::known) continue;
    const auto contact = chunk_.contact(i);
    json.clear();
    append_fields(i, json);
    const auto state = fates_[i] == Fate::fresh ? State::active : State::suppressed;
    const bool consent = !contact.consent.empty();
    load->row({contact.address, contact.address_key, contact.domain, contact.name, json, to_string(state),
               consent ? store::Value(contact.consent) : null, consent ? store::Value(target_.now) : null, target_.now,
               target_.now});
    ++counts_.created;
  }
  load->finish();
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
