#include "queue/outcomes.h"

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <set>
#include <tuple>

#include "queue/words.h"
#include "store/utf8.h"

namespace todoku::queue {
namespace {

constexpr std::size_t kMaxText = 1000;
constexpr std::size_t kMaxDeliveredText = 100;  // enough for the receiver's queue id; millions of them are kept
constexpr std::int64_t kShards = 8;
constexpr std::size_t kFewBatches = 2;  // asked for one by one, which spares SQLite the reading of a list

constexpr std::string_view kColumns =
    "campaign, batch, contact, attempt, result, reason, site, remote, stage, status, reply_code, at, text";
constexpr std::string_view kInsertOrSettle =
    "insert into outcome (campaign, batch, contact, attempt, result, reason, site, remote, stage, status, reply_code, "
    "at, text) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) "
    "on conflict (campaign, batch, contact, attempt) do update set result = excluded.result, reason = excluded.reason, "
    "site = excluded.site, remote = excluded.remote, stage = excluded.stage, status = excluded.status, "
    "reply_code = excluded.reply_code, at = excluded.at, text = excluded.text "
    "where outcome.result = 1 and excluded.result <> 1";
constexpr std::string_view kOpenBatch = "select id from batch where id = ?1 $key_share";
constexpr std::string_view kOpenBatches = "select id from batch where id in in_list(?1) order by id $key_share";
constexpr std::string_view kCount =
    "insert into outcome_count (campaign, result, reason, shard, count) values (?1, ?2, ?3, ?4, ?5) "
    "on conflict (campaign, result, reason, shard) do update set count = outcome_count.count + excluded.count";
constexpr std::string_view kCountSite =
    "insert into outcome_site_count (campaign, site, result, shard, count) values (?1, ?2, ?3, ?4, ?5) "
    "on conflict (campaign, site, result, shard) do update set count = outcome_site_count.count + excluded.count";
constexpr std::string_view kProgress =
    "select o.contact, o.result, o.at, coalesce(w.text, '') from outcome o left join word w on w.id = o.reason "
    "where o.campaign = ?1 and o.batch = ?2 order by o.contact";

/// An outcome with its words as numbers.
struct Row {
  const Outcome* outcome;
  std::int64_t reason, site, remote, stage, status;
  std::string text;

  Row(const Outcome& o, Words& words)
      : outcome(&o),
        reason(words.id(o.reason)),
        site(words.id(o.site)),
        remote(words.id(o.remote)),
        stage(words.id(o.stage)),
        status(words.id(o.status)),
        text(store::to_storable_text(
            std::string_view(o.text).substr(0, o.result == Result::delivered ? kMaxDeliveredText : kMaxText))) {}

  [[nodiscard]] std::int64_t result() const { return static_cast<std::int64_t>(outcome->result); }

  [[nodiscard]] std::array<store::Value, 13> values() const {
    return {outcome->campaign,
            outcome->batch,
            outcome->contact,
            outcome->attempt,
            result(),
            reason,
            site,
            remote,
            stage,
            status,
            outcome->reply_code,
            outcome->at,
            text};
  }
};

std::vector<Row> rows_of(store::Connection& db, std::span<const Outcome> outcomes, WordMemory* memory = nullptr) {
  Words words(db, memory);
  std::vector<Row> rows;
  rows.reserve(outcomes.size());
  for (const Outcome& outcome : outcomes) rows.emplace_back(outcome, words);
  return rows;
}

/// Which of the outcomes' batches are still there; 0, no batch, always is. The lock keeps them there until we have
/// committed, so that finish() sees our outcomes.
std::set<std::int64_t> open_batches(store::Connection& db, std::span<const Outcome> outcomes) {
  std::set<std::int64_t> wanted;
  for (const Outcome& outcome : outcomes) wanted.insert(outcome.batch.value);
  std::set<std::int64_t> open = {0};
  const std::vector<std::int64_t> ids(wanted.begin(), wanted.end());
  if (ids.size() <= kFewBatches) {
    for (const std::int64_t id : ids) {
      if (db.query_integer(kOpenBatch, {id})) open.insert(id);
    }
    return open;
  }
  store::Rows found = db.query(kOpenBatches, {store::Integers{ids}});
  while (found.next()) open.insert(found.integer(0));
  return open;
}

/// The usual case: none of them is there yet.
bool load_all(store::Connection& db, const std::vector<Row>& rows) {
  const auto load_rows = [&] {
    const auto load = db.load("outcome", kColumns);
    for (const Row& row : rows) load->row(row.values());
    load->finish();
  };
  // The writer runs what fails again, within a savepoint; until then none is needed.
  if (!db.within_savepoint()) {
    load_rows();
    return true;
  }
  try {
    store::Transaction attempt(db);
    load_rows();
    attempt.commit();
    return true;
  } catch (const store::Failure& failure) {
    if (failure.kind() != store::Failure::Kind::constraint) throw;
    return false;
  }
}

/// This process's rows in the counters, so that nodes do not wait for each other's commits.
std::int64_t shard() {
  static const std::int64_t own = static_cast<std::int64_t>(std::random_device{}()) % kShards;
  return own;
}

/// One statement for each sum, in a fixed order, so that two nodes cannot wait for each other in a circle.
void count(store::Connection& db, const std::vector<Row>& rows) {
  using Key = std::tuple<std::int64_t, std::int64_t, std::int64_t>;
  std::map<Key, std::int64_t> by_reason, by_site;
  for (const Row& row : rows) {
    ++by_reason[{row.outcome->campaign.value, row.result(), row.reason}];
    ++by_site[{row.outcome->campaign.value, row.site, row.result()}];
  }
  for (const auto& [key, n] : by_reason) {
    db.execute_later(kCount, {std::get<0>(key), std::get<1>(key), std::get<2>(key), shard(), n});
  }
  for (const auto& [key, n] : by_site) {
    db.execute_later(kCountSite, {std::get<0>(key), std::get<1>(key), std::get<2>(key), shard(), n});
  }
}

/// Stores and counts; leaves in `rows` those kept. To SQLite a row costs the same in whichever way it comes, and one by
/// one they need no savepoint.
void store_rows(store::Connection& db, std::vector<Row>& rows) {
  if (rows.empty()) return;
  if (db.engine() == store::Engine::sqlite || !load_all(db, rows)) {
    std::erase_if(rows, [&](const Row& row) { return db.execute(kInsertOrSettle, row.values()) == 0; });
  }
  count(db, rows);
}

}  // namespace

std::size_t append(store::Connection& db, std::span<const Outcome> outcomes, OutcomeSink* sink, WordMemory* words) {
  const std::set<std::int64_t> open = open_batches(db, outcomes);
  std::vector<Row> rows = rows_of(db, outcomes, words);
  std::erase_if(rows, [&](const Row& row) { return !open.contains(row.outcome->batch.value); });
  store_rows(db, rows);
  if (!sink || rows.empty()) return rows.size();
  if (rows.size() == outcomes.size()) {
    sink->record(db, outcomes);
    return rows.size();
  }
  std::vector<Outcome> kept;
  kept.reserve(rows.size());
  for (const Row& row : rows) kept.push_back(*row.outcome);
  sink->record(db, kept);
  return rows.size();
}

void append_cancelled(store::Connection& db, Outcome like, std::span<const base::ContactId> contacts) {
  like.result = Result::cancelled;
  std::vector<Outcome> outcomes(contacts.size(), like);
  for (std::size_t i = 0; i < contacts.size(); ++i) outcomes[i].contact = contacts[i];
  std::vector<Row> rows = rows_of(db, outcomes);
  store_rows(db, rows);
}

Progress progress_of(store::Connection& db, base::CampaignId campaign, base::BatchId batch) {
  Progress progress;
  store::Rows rows = db.query(kProgress, {campaign, batch});
  while (rows.next()) {
    const base::ContactId contact{rows.integer(0)};
    if (is_final(static_cast<Result>(rows.integer(1)))) {
      progress.final.push_back(contact);
    } else {
      progress.deferred.push_back({contact, base::from_stored(rows.integer(2)), std::string(rows.text(3))});
    }
  }
  return progress;
}

}  // namespace todoku::queue
