#include "intake/records.h"

#include "base/gzip.h"
#include "intake/intake_queries.h"

namespace todoku::intake {
namespace {

constexpr std::size_t kLargestOriginal = 64 << 20;

Entry read_entry(const store::Rows& rows) {
  int column = 0;
  const auto text = [&] { return std::string(rows.text(column++)); };
  const auto number = [&] { return rows.integer(column++); };
  Entry entry;
  entry.id = number();
  for (std::string* field :
       {&entry.road, &entry.place, &entry.state, &entry.kind, &entry.format, &entry.problem, &entry.found_by}) {
    *field = text();
  }
  entry.campaign = {number()};
  entry.contact = {number()};
  entry.forged = number() != 0;
  for (std::string* field : {&entry.sender, &entry.recipient, &entry.peer, &entry.subject}) *field = text();
  entry.size = number();
  entry.at = base::from_stored(number());
  return entry;
}

}  // namespace

std::vector<Entry> find_entries(store::Connection& db, const EntryFilter& filter) {
  std::vector<Entry> found;
  store::Rows rows =
      db.query(kEntries, {filter.before, filter.state, filter.road, filter.contact, filter.campaign, filter.limit});
  while (rows.next()) found.push_back(read_entry(rows));
  return found;
}

std::optional<Entry> find_entry(store::Connection& db, std::int64_t id) {
  store::Rows rows = db.query(kEntry, {id});
  if (!rows.next()) return std::nullopt;
  return read_entry(rows);
}

std::vector<StoredVerdict> verdicts_of(store::Connection& db, std::int64_t entry) {
  std::vector<StoredVerdict> found;
  store::Rows rows = db.query(kBouncesOf, {entry});
  while (rows.next()) {
    found.push_back({.address = std::string(rows.text(0)),
                     .reason = std::string(rows.text(1)),
                     .permanent = rows.integer(2) != 0,
                     .status = std::string(rows.text(3)),
                     .reply_code = static_cast<int>(rows.integer(4)),
                     .remote = std::string(rows.text(5)),
                     .provider = std::string(rows.text(6)),
                     .diagnostic = std::string(rows.text(7))});
  }
  return found;
}

std::vector<LateCount> late_counts(store::Connection& db, base::CampaignId campaign) {
  std::vector<LateCount> counts;
  std::vector<std::int64_t> examples;
  {
    store::Rows rows = db.query(kLateCounts, {campaign});
    while (rows.next()) {
      counts.push_back({std::string(rows.text(0)), rows.integer(1), {}});
      examples.push_back(rows.integer(2));
    }
  }
  for (std::size_t i = 0; i < counts.size(); ++i) {
    for (StoredVerdict& verdict : verdicts_of(db, examples[i])) {
      if (verdict.reason == counts[i].reason) counts[i].example = std::move(verdict);
    }
  }
  return counts;
}

std::int64_t late_readers(store::Connection& db, base::CampaignId campaign) {
  return db.query_integer(kLateReaders, {campaign}).value_or(0);
}

std::optional<std::string> original_of(store::Connection& db, std::int64_t entry) {
  store::Rows rows = db.query(kOriginal, {entry});
  if (!rows.next()) return std::nullopt;
  auto content = base::gunzip(rows.bytes(0), kLargestOriginal);
  if (!content) return std::nullopt;
  return *std::move(content);
}

std::vector<EntryCount> count_entries(store::Connection& db) {
  std::vector<EntryCount> counts;
  store::Rows rows = db.query(kCounts);
  while (rows.next()) counts.push_back({std::string(rows.text(0)), std::string(rows.text(1)), rows.integer(2)});
  return counts;
}

std::int64_t forget_originals(store::Connection& db, base::Time before, std::int64_t most) {
  return db.execute(kForgetOriginals, {before, most});
}

}  // namespace todoku::intake
