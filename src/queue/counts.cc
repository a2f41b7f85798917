#include "queue/counts.h"

#include <algorithm>
#include <tuple>

namespace todoku::queue {
namespace {

constexpr std::string_view kRecipients = "select recipients from queue_campaign where campaign = ?1";
constexpr std::string_view kByResult =
    "select result, sum(count) from outcome_count where campaign = ?1 group by result";
constexpr std::string_view kDeferred = "select sum(count) from batch where campaign = ?1 and attempt > 1";
constexpr std::string_view kByReason =
    "select c.result, coalesce(w.text, ''), sum(c.count) from outcome_count c left join word w on w.id = c.reason "
    "where c.campaign = ?1 and c.result <> 1 group by c.result, w.text";
constexpr std::string_view kDeferredByReason =
    "select 1, coalesce(w.text, ''), sum(b.count) from batch b left join word w on w.id = b.reason "
    "where b.campaign = ?1 and b.attempt > 1 group by w.text";
constexpr std::string_view kBySite =
    "select coalesce(w.text, ''), sum(case when c.result = 0 then c.count else 0 end) as delivered, "
    "sum(case when c.result = 2 then c.count else 0 end) as failed, "
    "sum(case when c.result = 1 then c.count else 0 end) as deferrals "
    "from outcome_site_count c left join word w on w.id = c.site where c.campaign = ?1 "
    "group by w.text order by sum(c.count) desc, w.text limit ?2";
constexpr std::string_view kNextAttempt =
    "select min(due_at) from batch where campaign = ?1 and state = 1 and owner is null";
// What a batch waits for, in the words of QueueState.
#define TODOKU_BATCH_STATE                                                                                             \
  "case when b.state = 2 then 'held' when b.state = 1 and b.owner is not null then 'sending' when b.attempt > 1 then " \
  "'deferred' else 'waiting' end"
constexpr std::string_view kStates = "select coalesce(max(w.text), ''), " TODOKU_BATCH_STATE
                                     ", sum(b.count) from batch b "
                                     "left join word w on w.id = b.site group by b.site, 2";
constexpr std::string_view kWaitingBySite =
    "select coalesce(max(s.text), ''), " TODOKU_BATCH_STATE
    ", coalesce(max(r.text), ''), sum(b.count), "
    "min(b.due_at), min(b.laid_at) from batch b left join word s on s.id = b.site left join word r on r.id = b.reason "
    "where (?1 = 0 or b.campaign = ?1) and (?2 = '' or s.text = ?2) "
    "group by b.site, 2, b.reason order by sum(b.count) desc, 1, 2, 3 limit ?3";

void append_reasons(store::Rows rows, std::vector<ReasonCount>& to) {
  while (rows.next()) {
    to.push_back({static_cast<Result>(rows.integer(0)), std::string(rows.text(1)), rows.integer(2)});
  }
}

void set(Counts& counts, Result result, std::int64_t n) {
  counts.attempts += result == Result::skipped || result == Result::cancelled ? 0 : n;
  switch (result) {
    case Result::delivered:
      counts.delivered = n;
      break;
    case Result::failed:
      counts.failed = n;
      break;
    case Result::skipped:
      counts.skipped = n;
      break;
    case Result::cancelled:
      counts.cancelled = n;
      break;
    case Result::deferred:
      break;
  }
}

}  // namespace

Counts counts_of(store::Connection& db, base::CampaignId campaign) {
  Counts counts;
  counts.recipients = db.query_integer(kRecipients, {campaign}).value_or(0);
  {
    store::Rows rows = db.query(kByResult, {campaign});
    while (rows.next()) set(counts, static_cast<Result>(rows.integer(0)), rows.integer(1));
  }
  const std::int64_t open = std::max<std::int64_t>(0, counts.recipients - counts.final());
  // A leased batch still counts those of its recipients who have just got their final outcome.
  counts.deferred = std::min(open, db.query_integer(kDeferred, {campaign}).value_or(0));
  counts.waiting = open - counts.deferred;
  return counts;
}

std::vector<ReasonCount> reasons_of(store::Connection& db, base::CampaignId campaign) {
  std::vector<ReasonCount> reasons;
  append_reasons(db.query(kByReason, {campaign}), reasons);
  append_reasons(db.query(kDeferredByReason, {campaign}), reasons);
  std::ranges::sort(reasons, [](const ReasonCount& a, const ReasonCount& b) {
    return std::tie(b.count, a.result, a.reason) < std::tie(a.count, b.result, b.reason);
  });
  return reasons;
}

std::vector<SiteCount> sites_of(store::Connection& db, base::CampaignId campaign, int limit) {
  std::vector<SiteCount> sites;
  store::Rows rows = db.query(kBySite, {campaign, limit});
  while (rows.next()) sites.push_back({std::string(rows.text(0)), rows.integer(1), rows.integer(2), rows.integer(3)});
  return sites;
}

std::optional<base::Time> next_attempt_of(store::Connection& db, base::CampaignId campaign) {
  const auto due = db.query_integer(kNextAttempt, {campaign});
  if (!due) return std::nullopt;
  return base::from_stored(*due);
}

std::vector<SiteQueue> waiting_by_site(store::Connection& db, const QueueFilter& filter) {
  std::vector<SiteQueue> sites;
  store::Rows rows = db.query(kWaitingBySite, {filter.campaign, filter.site, filter.limit});
  while (rows.next()) {
    sites.push_back({.site = std::string(rows.text(0)),
                     .state = std::string(rows.text(1)),
                     .reason = std::string(rows.text(2)),
                     .recipients = rows.integer(3),
                     .next_due = base::from_stored(rows.integer(4)),
                     .laid_at = base::from_stored(rows.integer(5))});
  }
  return sites;
}

std::vector<QueueState> queue_states(store::Connection& db) {
  std::vector<QueueState> states;
  store::Rows rows = db.query(kStates, {});
  while (rows.next()) states.push_back({std::string(rows.text(0)), std::string(rows.text(1)), rows.integer(2)});
  return states;
}

}  // namespace todoku::queue
