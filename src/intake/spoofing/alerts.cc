#include "intake/spoofing/alerts.h"

#include <algorithm>
#include <optional>

#include "base/log.h"
#include "intake/spoofing/leap.h"
#include "intake/spoofing/origin.h"
#include "intake/spoofing/sources.h"
#include "intake/spoofing/spoofing_queries.h"

namespace todoku::intake::spoofing {
namespace {

constexpr std::int64_t kHistory = 28;  // days
constexpr std::int64_t kNews = 14;     // days; older ones are no news

struct Day {
  std::int64_t mails = 0;
  std::map<std::string, std::int64_t> by_address;
};
using Days = std::map<std::int64_t, Day>;

std::string most_of(const Day& day) {
  const auto most = std::ranges::max_element(day.by_address, {}, [](const auto& each) { return each.second; });
  return most == day.by_address.end() ? "" : most->first;
}

void judge(store::Connection& db, const std::string& domain, Origin kind, const Days& days, std::int64_t day,
           std::int64_t first, base::Time now) {
  const auto today = days.find(day);
  if (today == days.end()) return;
  std::vector<std::int64_t> before;
  for (std::int64_t each = std::max(first, day - kHistory); each < day; ++each) {
    const auto found = days.find(each);
    before.push_back(found == days.end() ? 0 : found->second.mails);
  }
  const auto usual = usual_if_leapt({}, before, today->second.mails);
  if (!usual) return;
  const std::string address = most_of(today->second);
  const std::int64_t mails = today->second.mails;
  if (db.query_integer(kAddAlert, {domain, to_string(kind), day, mails, *usual, address, now})) {
    base::log::warning(
        "spoofing_alert",
        {{"domain", domain}, {"kind", to_string(kind)}, {"mails", mails}, {"usual", *usual}, {"address", address}});
  } else {
    db.execute(kRaiseAlert, {domain, to_string(kind), day, mails, address});
  }
}

}  // namespace

void watch(store::Connection& db, const std::string& domain, const std::set<std::int64_t>& days, const OwnSources& own,
           base::Time now) {
  const std::int64_t today = day_of(now);
  std::map<Origin, Days> by_kind;
  for (const SourceDay& row : source_days(db, domain, today - kNews - kHistory, today + 1)) {
    if (row.key.spring == to_string(Spring::unproven)) continue;  // anybody could raise an alarm
    const Origin origin = origin_of(row.key, own);
    if (origin != Origin::elsewhere && origin != Origin::authorised) continue;
    Day& day = by_kind[origin][row.day];
    day.mails += row.mails;
    if (!row.key.address.empty()) day.by_address[row.key.address] += row.mails;
  }
  const std::int64_t first = db.query_integer(kFirstDay, {domain}).value_or(today);
  for (const std::int64_t day : days) {
    if (day < today - kNews || day > today + 1) continue;
    for (const auto& [kind, counted] : by_kind) judge(db, domain, kind, counted, day, first, now);
  }
}

std::vector<Alert> open_alerts(store::Connection& db, std::string_view domain, std::int64_t most) {
  std::vector<Alert> alerts;
  store::Rows rows = db.query(kOpenAlerts, {domain, most});
  while (rows.next()) {
    alerts.push_back({.id = rows.integer(0),
                      .domain = std::string(rows.text(1)),
                      .kind = std::string(rows.text(2)),
                      .day = rows.integer(3),
                      .mails = rows.integer(4),
                      .usual = rows.real(5),
                      .address = std::string(rows.text(6)),
                      .at = base::from_stored(rows.integer(7))});
  }
  return alerts;
}

std::int64_t acknowledge(store::Connection& db, std::string_view domain, base::Time now) {
  return db.execute(kAcknowledge, {domain, now});
}

std::int64_t acknowledge(store::Connection& db, std::int64_t alert, base::Time now) {
  return db.execute(kAcknowledgeOne, {alert, now});
}

std::map<std::string, std::int64_t> count_open_alerts(store::Connection& db) {
  std::map<std::string, std::int64_t> counts;
  store::Rows rows = db.query(kCountAlerts);
  while (rows.next()) counts.emplace(rows.text(0), rows.integer(1));
  return counts;
}

}  // namespace todoku::intake::spoofing
