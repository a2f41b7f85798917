#include "audience/retest.h"

#include <algorithm>
#include <chrono>

#include "audience/retest_queries.h"

namespace todoku::audience {
namespace {

std::optional<base::Time> time_or_none(const store::Rows& rows, int column) {
  if (rows.is_null(column)) return std::nullopt;
  return base::from_stored(rows.integer(column));
}

std::vector<Retest> read_all(store::Rows rows) {
  std::vector<Retest> tests;
  while (rows.next()) {
    tests.push_back({.id = RetestId{rows.integer(0)},
                     .stop = StopId{rows.integer(1)},
                     .contact = base::ContactId{rows.integer(2)},
                     .campaign = base::CampaignId{rows.integer(3)},
                     .asked_at = base::from_stored(rows.integer(4)),
                     .accepted_at = time_or_none(rows, 5),
                     .decided_at = time_or_none(rows, 6),
                     .result = std::string(rows.text(7)),
                     .reply = std::string(rows.text(8))});
  }
  return tests;
}

std::string_view word_of(RetestVerdict verdict) {
  if (verdict == RetestVerdict::release) return "released";
  return verdict == RetestVerdict::fail ? "failed" : "dropped";
}

}  // namespace

base::Result<void> may_retest(store::Connection& db, const Stop& stop, base::Time now) {
  const auto tests = retests_of(db, stop.contact);
  if (std::ranges::any_of(tests, [](const Retest& test) { return !test.decided_at; })) {
    return base::Error{base::ErrorCode::exists, "a test is under way", "", stop.address};
  }
  if (!tests.empty() && now - tests.back().asked_at < kRetestEvery) {
    return base::Error{base::ErrorCode::limit, "it was tested within the last 7 days",
                       "a mail each day to an address that fails harms the sender's name", stop.address};
  }
  return base::done;
}

void add_retest(store::Connection& db, const Stop& stop, base::CampaignId campaign, base::Time now) {
  db.execute(kAddRetest, {stop.id, stop.contact, campaign, now});
}

std::vector<Retest> open_retests(store::Connection& db) { return read_all(db.query(kOpenRetests)); }

std::vector<Retest> retests_of(store::Connection& db, base::ContactId contact) {
  return read_all(db.query(kRetestsOfContact, {contact}));
}

RetestVerdict judge(const RetestEvidence& seen, base::Time now, base::Duration wait) {
  if (!seen.still_stopped) return RetestVerdict::drop;
  if (seen.given_up || seen.came_back) return RetestVerdict::fail;
  if (!seen.accepted_at || now - *seen.accepted_at < wait) return RetestVerdict::wait;
  return RetestVerdict::release;
}

void note_accepted(store::Connection& db, const Retest& test, base::Time at) {
  db.execute(kRetestAccepted, {test.id, at});
}

void settle(store::Connection& db, const Retest& test, RetestVerdict verdict, std::string_view reply, base::Time now) {
  if (db.execute(kSettleRetest, {test.id, now, word_of(verdict), reply}) == 0) return;  // another process did
  if (verdict != RetestVerdict::release) return;
  auto stops = find_stops(db, {.contact = test.contact});
  std::erase_if(stops, [&](const Stop& stop) { return stop.id != test.stop; });
  if (!stops.empty()) release_stops(db, stops, "retest", now);
}

}  // namespace todoku::audience
