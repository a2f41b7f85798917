#include "queue/repeat.h"

#include <algorithm>

#include "queue/contact_list.h"
#include "queue/words.h"

namespace todoku::queue {
namespace {

#define TODOKU_FINAL(outcomes)                                                                           \
  "select o.contact, o.batch, o.result, coalesce(r.text, ''), coalesce(s.text, ''), o.at from " outcomes \
  " left join word r on r.id = o.reason left join word s on s.id = o.site where o.campaign = ?1 and "

// "result <> 0" again, so that the partial index can be used, and its name, so that it is.
constexpr std::string_view kFailedFor = TODOKU_FINAL(
    "outcome o $by_index(outcome_cause)") "o.result = 2 and o.reason = ?2 and o.result <> 0 order by o.at, o.batch";
constexpr std::string_view kFailureTexts =
    "select contact, text from outcome $by_index(outcome_cause) "
    "where campaign = ?1 and result = 2 and reason = ?2 and result <> 0 and text <> '' order by contact";
constexpr std::string_view kFinalsAfter =
    TODOKU_FINAL("outcome o") "o.batch > ?2 and o.result <> 1 order by o.at, o.batch";
constexpr std::string_view kFailureOf =
    "select campaign, at from outcome where contact = ?1 and campaign < ?2 and result = 2 and result <> 0 order by at "
    "desc limit 1";
constexpr std::string_view kNewestOutcome = "select max(batch) from outcome where campaign = ?1";
constexpr std::string_view kNewestBatch = "select max(id) from batch";
constexpr std::string_view kBatchesOf = "select id, contacts from batch where campaign = ?1 order by id";
constexpr std::string_view kHasFinal =
    "select 1 from outcome where campaign = ?1 and batch = ?2 and contact = ?3 and result <> 1";
constexpr std::string_view kDeferredFor =
    "select coalesce(w.text, ''), sum(b.count) from batch b left join word w on w.id = b.site "
    "where b.campaign = ?1 and b.attempt > 1 and b.reason = ?2 and b.owner is null and b.state <> 0 and b.due_at > ?3 "
    "group by w.text order by w.text";
constexpr std::string_view kHasten =
    "update batch set due_at = 0 where campaign = ?1 and attempt > 1 and reason = ?2 and site = ?3 and owner is null "
    "and state <> 0";

std::vector<Final> read(store::Rows rows) {
  std::vector<Final> finals;
  while (rows.next()) {
    finals.push_back({.contact = {rows.integer(0)},
                      .batch = {rows.integer(1)},
                      .result = static_cast<Result>(rows.integer(2)),
                      .reason = std::string(rows.text(3)),
                      .site = std::string(rows.text(4)),
                      .at = base::from_stored(rows.integer(5))});
  }
  return finals;
}

}  // namespace

std::vector<Final> failed_for(store::Connection& db, base::CampaignId campaign, std::string_view reason) {
  const std::int64_t word = find_word(db, reason);
  return read(db.query(kFailedFor, {campaign, word}));
}

std::vector<FailureText> failure_texts(store::Connection& db, base::CampaignId campaign, std::string_view reason) {
  std::vector<FailureText> texts;
  store::Rows rows = db.query(kFailureTexts, {campaign, find_word(db, reason)});
  while (rows.next()) texts.push_back({{rows.integer(0)}, std::string(rows.text(1))});
  return texts;
}

std::vector<Final> finals_after(store::Connection& db, base::CampaignId campaign, base::BatchId batch) {
  return read(db.query(kFinalsAfter, {campaign, batch}));
}

std::optional<Failure> failure_of(store::Connection& db, base::ContactId contact, base::CampaignId below) {
  store::Rows rows = db.query(kFailureOf, {contact, below});
  if (!rows.next()) return std::nullopt;
  return Failure{{rows.integer(0)}, base::from_stored(rows.integer(1))};
}

base::BatchId newest_batch(store::Connection& db, base::CampaignId campaign) {
  const std::int64_t done = db.query_integer(kNewestOutcome, {campaign}).value_or(0);
  return {std::max(done, db.query_integer(kNewestBatch).value_or(0))};
}

bool waits(store::Connection& db, base::CampaignId campaign, base::ContactId contact) {
  std::vector<std::int64_t> holding;
  {
    store::Rows rows = db.query(kBatchesOf, {campaign});
    while (rows.next()) {
      if (std::ranges::binary_search(unpack_contacts(rows.bytes(1)), contact)) holding.push_back(rows.integer(0));
    }
  }
  return std::ranges::any_of(
      holding, [&](std::int64_t batch) { return !db.query_integer(kHasFinal, {campaign, batch, contact}); });
}

std::vector<DeferredSite> deferred_for(store::Connection& db, base::CampaignId campaign, std::string_view reason,
                                       base::Time now) {
  std::vector<DeferredSite> sites;
  const std::int64_t word = find_word(db, reason);
  if (word == 0) return sites;
  store::Rows rows = db.query(kDeferredFor, {campaign, word, now});
  while (rows.next()) sites.push_back({std::string(rows.text(0)), rows.integer(1)});
  return sites;
}

void hasten(store::Connection& db, base::CampaignId campaign, std::string_view reason, std::string_view site) {
  db.execute(kHasten, {campaign, find_word(db, reason), find_word(db, site)});
}

}  // namespace todoku::queue
