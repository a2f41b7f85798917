#include "audience/dead_domain.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "audience/dead_domain_queries.h"

namespace todoku::audience {
namespace {

constexpr auto kStateNames = std::to_array<std::string_view>({"suspected", "dead", "alive"});
constexpr base::Duration kClaim = std::chrono::hours{1};

WatchedDomain read_domain(const store::Rows& rows) {
  WatchedDomain domain;
  domain.domain = rows.text(0);
  const auto* const state = std::ranges::find(kStateNames, rows.text(1));
  if (state != kStateNames.end()) domain.state = static_cast<DomainState>(state - kStateNames.begin());
  domain.dead_days = rows.integer(2);
  domain.answer = rows.text(3);
  domain.since = base::from_stored(rows.integer(4));
  if (!rows.is_null(5)) domain.checked_at = base::from_stored(rows.integer(5));
  domain.next_check_at = base::from_stored(rows.integer(6));
  return domain;
}

void enter(WatchedDomain& domain, DomainState state, base::Time now) {
  if (domain.state == state) return;
  domain.state = state;
  domain.since = now;
}

}  // namespace

std::string_view to_string(DomainState state) { return kStateNames.at(static_cast<std::size_t>(state)); }

WatchedDomain after_answer(WatchedDomain domain, DomainAnswer answer, base::Time now, std::int64_t days,
                           base::Duration jitter) {
  if (answer == DomainAnswer::unknown) {
    domain.next_check_at = now + std::chrono::hours{1} + jitter;
    return domain;
  }
  domain.checked_at = now;
  domain.next_check_at = now + std::chrono::days{1} + jitter;
  if (answer == DomainAnswer::alive) {
    domain.dead_days = 0;
    enter(domain, DomainState::alive, now);
  } else if (++domain.dead_days >= days) {
    enter(domain, DomainState::dead, now);
  }
  return domain;
}

std::int64_t watch_domains(store::Connection& db, base::Time now) { return db.execute(kWatchDomains, {now}); }

std::vector<WatchedDomain> due_domains(store::Connection& db, base::Time now, std::int64_t limit) {
  std::vector<WatchedDomain> due;
  store::Rows rows = db.query(kDueDomains, {now, limit});
  while (rows.next()) due.push_back(read_domain(rows));
  return due;
}

bool claim_domain(store::Connection& db, const WatchedDomain& domain, base::Time now) {
  return db.execute(kClaimDomain, {domain.domain, domain.next_check_at, now + kClaim}) > 0;
}

void store_domain(store::Connection& db, const WatchedDomain& domain) {
  db.execute(kStoreDomain, {domain.domain, to_string(domain.state), domain.dead_days, domain.answer, domain.since,
                            store::Value(domain.checked_at), domain.next_check_at});
}

std::int64_t stop_domain(store::Connection& db, const WatchedDomain& domain, bounce::Reason reason, base::Time now,
                         std::int64_t limit) {
  std::vector<std::int64_t> contacts;
  {
    store::Rows rows = db.query(kMailedOfDomain, {domain.domain, limit});
    while (rows.next()) contacts.push_back(rows.integer(0));
  }
  if (contacts.empty()) return 0;
  const std::string words = fmt::format("DNS: {}: {}", domain.domain, domain.answer);
  db.execute(kAddDomainStops, {store::Integers{contacts}, bounce::to_string(reason), words, now, domain.domain});
  return db.execute(kStopContacts, {store::Integers{contacts}, now});
}

std::vector<DomainReport> domain_reports(store::Connection& db) {
  std::vector<DomainReport> reports;
  store::Rows rows = db.query(kDomainReports);
  while (rows.next()) reports.push_back({read_domain(rows), rows.integer(7), rows.integer(8)});
  return reports;
}

}  // namespace todoku::audience
