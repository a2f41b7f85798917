#include "authentication/tls_result_store.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

namespace todoku::authentication {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestDetail = 200;
constexpr std::array<std::string_view, 4> kStates = {"waiting", "sent", "unwanted", "failed"};

constexpr std::string_view kKeptPolicies = "select domain, policy_id, fetched_at, policy from sts_policy";
constexpr std::string_view kKeep =
    "insert into sts_policy (domain, policy_id, fetched_at, policy) values (?1, ?2, ?3, ?4)"
    " on conflict (domain) do update set policy_id = excluded.policy_id, fetched_at = excluded.fetched_at,"
    " policy = excluded.policy";

constexpr std::string_view kAddGood =
    "insert into tls_policy (day, domain, kind, policy, sessions) values (?1, ?2, ?3, ?4, ?5)"
    " on conflict (day, domain, kind) do update set policy = excluded.policy,"
    " sessions = tls_policy.sessions + excluded.sessions";
constexpr std::string_view kAddBad =
    "insert into tls_failure (day, domain, kind, result, mx, address, source, detail, sessions)"
    " values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
    " on conflict (day, domain, kind, result, mx, address, source) do update set detail = excluded.detail,"
    " sessions = tls_failure.sessions + excluded.sessions";
constexpr std::string_view kPolicies =
    "select kind, policy, sessions from tls_policy where day = ?1 and domain = ?2 order by kind";
constexpr std::string_view kFailures =
    "select result, mx, address, source, detail, sessions from tls_failure"
    " where day = ?1 and domain = ?2 and kind = ?3 order by result, mx, address, source";

constexpr std::string_view kEntries =
    "select p.day, p.domain, coalesce(r.state, 'waiting'), coalesce(r.tries, 0), coalesce(r.tried_at, 0),"
    " coalesce(r.detail, ''), cast(sum(p.sessions) as bigint), cast(coalesce((select sum(f.sessions) from tls_failure f"
    " where f.day = p.day and f.domain = p.domain), 0) as bigint)"
    " from tls_policy p left join tls_report r on r.day = p.day and r.domain = p.domain"
    " where p.day >= ?1 and p.day < ?2 and (?3 = '' or p.domain = ?3)"
    " group by p.day, p.domain, r.state, r.tries, r.tried_at, r.detail order by p.day, p.domain";
constexpr std::string_view kDue =
    "select p.day, p.domain, coalesce(r.tries, 0), coalesce(r.tried_at, 0) from tls_policy p"
    " left join tls_report r on r.day = p.day and r.domain = p.domain"
    " where p.day < ?1 and (r.state is null or (r.state = 'waiting' and r.tried_at < ?2))"
    " group by p.day, p.domain, r.tries, r.tried_at order by p.day, p.domain limit ?3";
constexpr std::string_view kClaim =
    "insert into tls_report (day, domain, state, tries, tried_at, detail) values (?1, ?2, 'waiting', 0, ?4, '')"
    " on conflict (day, domain) do update set tried_at = excluded.tried_at"
    " where tls_report.state = 'waiting' and tls_report.tried_at = ?3";
constexpr std::string_view kNote =
    "insert into tls_report (day, domain, state, tries, tried_at, detail) values (?1, ?2, ?3, ?4, ?5, ?6)"
    " on conflict (day, domain) do update set state = excluded.state, tries = excluded.tries,"
    " tried_at = excluded.tried_at, detail = excluded.detail";
constexpr std::array<std::string_view, 3> kForget = {"delete from tls_policy where day < ?1",
                                                     "delete from tls_failure where day < ?1",
                                                     "delete from tls_report where day < ?1"};

std::string to_text(const ReportedPolicy& policy) {
  const auto array = [](const std::vector<std::string>& texts) { return json::array(texts.begin(), texts.end()); };
  return json::serialize(json::object{{"strings", array(policy.strings)}, {"mx", array(policy.mx)}});
}

ReportedPolicy policy_of(std::string_view kind, std::string_view text) {
  ReportedPolicy policy;
  policy.kind = policy_kind_of(kind);
  boost::system::error_code broken;
  const json::value value = json::parse(text, broken);
  if (broken || !value.is_object()) return policy;
  const auto read = [&value](std::string_view name, std::vector<std::string>& into) {
    const json::value* array = value.get_object().if_contains(name);
    if (array == nullptr || !array->is_array()) return;
    for (const json::value& item : array->get_array()) {
      if (item.is_string()) into.emplace_back(item.get_string());
    }
  };
  read("strings", policy.strings);
  read("mx", policy.mx);
  return policy;
}

}  // namespace

std::vector<DomainStsPolicy> kept_sts_policies(store::Connection& db, base::Time now) {
  std::vector<DomainStsPolicy> policies;
  for (auto rows = db.query(kKeptPolicies); rows.next();) {
    auto policy = parse_sts_policy(rows.text(3));
    if (!policy) continue;
    DomainStsPolicy read{std::string(rows.text(0)),
                         {std::string(rows.text(1)), *std::move(policy), base::from_stored(rows.integer(2))}};
    if (holding(&read.kept, now) != nullptr) policies.push_back(std::move(read));
  }
  return policies;
}

void keep_sts_policy(store::Connection& db, const DomainStsPolicy& policy) {
  db.execute(kKeep, {policy.domain, policy.kept.id, base::to_stored(policy.kept.fetched_at),
                     authentication::to_text(policy.kept.policy)});
}

void add_tls_results(store::Connection& db, std::span<const DomainResults> results) {
  for (const DomainResults& one : results) {
    const std::string_view kind = to_string(one.results.policy.kind);
    db.execute(kAddGood, {one.day, one.domain, kind, to_text(one.results.policy), one.results.good});
    for (const TlsFailures& failure : one.results.failures) {
      db.execute(kAddBad, {one.day, one.domain, kind, failure.result, failure.mx, failure.address, failure.source,
                           failure.detail.substr(0, kLongestDetail), failure.sessions});
    }
  }
}

std::string_view to_string(ReportState state) { return kStates[static_cast<std::size_t>(state)]; }

std::vector<ReportEntry> tls_report_entries(store::Connection& db, std::int64_t first, std::int64_t end,
                                            std::string_view domain) {
  std::vector<ReportEntry> entries;
  for (auto rows = db.query(kEntries, {first, end, domain}); rows.next();) {
    ReportEntry& entry = entries.emplace_back();
    entry.day = rows.integer(0);
    entry.domain = rows.text(1);
    entry.state = static_cast<ReportState>(std::ranges::find(kStates, rows.text(2)) - kStates.begin());
    entry.tries = rows.integer(3);
    entry.tried_at = base::from_stored(rows.integer(4));
    entry.detail = rows.text(5);
    entry.good = rows.integer(6);
    entry.bad = rows.integer(7);
  }
  return entries;
}

std::vector<PolicyResults> tls_results_of(store::Connection& db, std::int64_t day, std::string_view domain) {
  std::vector<PolicyResults> all;
  for (auto rows = db.query(kPolicies, {day, domain}); rows.next();) {
    PolicyResults& results = all.emplace_back();
    results.policy = policy_of(rows.text(0), rows.text(1));
    results.good = rows.integer(2);
  }
  for (PolicyResults& results : all) {
    for (auto rows = db.query(kFailures, {day, domain, to_string(results.policy.kind)}); rows.next();) {
      results.failures.push_back({std::string(rows.text(0)), std::string(rows.text(1)), std::string(rows.text(2)),
                                  std::string(rows.text(3)), std::string(rows.text(4)), rows.integer(5)});
    }
  }
  return all;
}

std::vector<ReportEntry> due_tls_reports(store::Connection& db, std::int64_t today, base::Time tried_before,
                                         std::int64_t limit) {
  std::vector<ReportEntry> entries;
  for (auto rows = db.query(kDue, {today, tried_before, limit}); rows.next();) {
    ReportEntry& entry = entries.emplace_back();
    entry.day = rows.integer(0);
    entry.domain = rows.text(1);
    entry.tries = rows.integer(2);
    entry.tried_at = base::from_stored(rows.integer(3));
  }
  return entries;
}

bool claim_tls_report(store::Connection& db, const ReportEntry& entry, base::Time now) {
  return db.execute(kClaim, {entry.day, entry.domain, entry.tried_at, now}) > 0;
}

void note_tls_report(store::Connection& db, const ReportEntry& entry) {
  db.execute(kNote, {entry.day, entry.domain, to_string(entry.state), entry.tries, base::to_stored(entry.tried_at),
                     entry.detail.substr(0, kLongestDetail)});
}

void forget_tls_results(store::Connection& db, std::int64_t before_day) {
  for (const std::string_view sql : kForget) db.execute(sql, {before_day});
}

}  // namespace todoku::authentication
