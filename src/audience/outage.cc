#include "audience/outage.h"

#include <algorithm>
#include <chrono>
#include <set>

#include "audience/outage_queries.h"
#include "base/log.h"

namespace todoku::audience {
namespace {

using bounce::Effect;
using bounce::Reason;

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kKept = std::int64_t{24} * 60;  // minutes
// What a site without a history is taken to have: 1 error in 50 mails.
constexpr double kPriorErrors = 1, kPriorSent = 50;

std::int64_t minute_of(base::Time time) { return base::to_stored(time) / kMinuteMs; }

double share(std::int64_t part, std::int64_t whole) {
  return whole <= 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

bool is_error(const Event& event) {
  return event.permanent && (event.effect == Effect::hard || event.reason == Reason::account_disabled ||
                             event.reason == Reason::recipient_refused);
}

std::vector<SiteMinute> minutes_of(store::Connection& db, const std::string& site, std::int64_t after) {
  std::vector<SiteMinute> window;
  store::Rows rows = db.query(kMinutes, {site, after});
  while (rows.next()) window.push_back({rows.integer(0), rows.integer(1), rows.integer(2), rows.integer(3)});
  return window;
}

/// The share of errors in all that came before the window.
double usual_share(store::Connection& db, const std::string& site, std::span<const SiteMinute> window) {
  double sent = kPriorSent, errors = kPriorErrors;
  store::Rows rows = db.query(kHistory, {site});
  if (rows.next()) {
    sent += static_cast<double>(rows.integer(0));
    errors += static_cast<double>(rows.integer(1));
  }
  for (const SiteMinute& minute : window) {
    sent -= static_cast<double>(minute.sent);
    errors -= static_cast<double>(minute.errors + minute.late);
  }
  return std::max(errors, kPriorErrors) / std::max(sent, kPriorSent);
}

/// Where the run of bad minutes that leads up to now began; the minute before may hold its first errors.
std::int64_t run_began(std::span<const SiteMinute> window, double limit, bool late) {
  std::int64_t began = window.front().minute;
  for (const SiteMinute& minute : window) {
    const bool bad = late ? minute.late > 0 : share(minute.errors, minute.sent) >= limit;
    if (!bad) break;
    began = minute.minute;
  }
  return began - 1;
}

std::set<std::string> sites_in_outage(store::Connection& db) {
  std::set<std::string> sites;
  store::Rows rows = db.query(kSitesInOutage);
  while (rows.next()) sites.emplace(rows.text(0));
  return sites;
}

}  // namespace

struct OutageGuard::Counts {
  std::int64_t sent = 0, errors = 0, late = 0;
  base::Time last{};
};

std::optional<Leap> find_leap(const OutageLimits& limits, std::span<const SiteMinute> window, double usual,
                              std::int64_t now) {
  Leap leap;
  std::int64_t late = 0, sent_in_a_day = 0;
  for (const SiteMinute& minute : window) {
    sent_in_a_day += minute.sent;
    if (minute.minute > now - limits.late_window) late += minute.late;
    if (minute.minute <= now - limits.window) continue;
    leap.sent += minute.sent;
    leap.errors += minute.errors;
  }
  const double limit = std::max(limits.share, limits.times_usual * usual);
  if (leap.errors >= limits.errors && share(leap.errors, leap.sent) >= limit) {
    leap.began = run_began(window, limit, false);
    return leap;
  }
  // The bulk of the window may be from before: then the last minutes alone tell.
  if (!window.empty() && window.front().minute >= now - 1 && window.front().errors >= limits.errors &&
      share(window.front().errors, window.front().sent) >= limit) {
    return Leap{run_began(window, limit, false), window.front().sent, window.front().errors};
  }
  if (late >= limits.errors && sent_in_a_day >= limits.sent_in_a_day && share(late, sent_in_a_day) >= limit) {
    return Leap{run_began(window, limit, true), sent_in_a_day, late};
  }
  return std::nullopt;
}

bool is_calm(const OutageLimits& limits, std::span<const SiteMinute> window, std::int64_t since) {
  std::int64_t sent = 0, errors = 0;
  for (const SiteMinute& minute : window) {
    if (minute.minute < since || sent >= limits.calm) break;
    sent += minute.sent;
    errors += minute.errors;
  }
  return sent >= limits.calm && share(errors, sent) < limits.over;
}

std::map<std::string, OutageId> OutageGuard::watch(store::Connection& db, std::span<const Event> events) {
  std::map<std::string, Counts> sites;
  for (const Event& event : events) {
    if (event.site.empty()) continue;
    Counts& site = sites[event.site];
    if (!event.late) ++site.sent;
    if (is_error(event)) ++(event.late ? site.late : site.errors);
    site.last = std::max(site.last, event.at);
  }
  if (sites.empty()) return {};
  const std::set<std::string> in_outage = sites_in_outage(db);
  std::map<std::string, OutageId> open_ones;
  for (const auto& [site, counts] : sites) {
    db.execute_later(kCountMinute, {site, minute_of(counts.last), counts.sent, counts.errors, counts.late});
    db.execute_later(kCountHistory, {site, counts.sent, counts.errors + counts.late});
    if (counts.errors + counts.late == 0 && !in_outage.contains(site)) continue;
    look(db, site, counts);
    if (const auto id = db.query_integer(kOpenOutage, {site})) open_ones.emplace(site, OutageId{*id});
  }
  forget_old(db, sites.begin()->second.last);
  return open_ones;
}

void OutageGuard::look(store::Connection& db, const std::string& site, const Counts& counts) {
  const std::int64_t now = minute_of(counts.last);
  const std::vector<SiteMinute> window = minutes_of(db, site, now - kKept);
  const double usual = usual_share(db, site, std::span(window).first(std::min<std::size_t>(window.size(), 60)));
  std::int64_t id = 0, rest = 0;
  base::Time noticed, hold_until;
  {
    store::Rows rows = db.query(kOpenOutage, {site});
    if (rows.next()) {
      id = rows.integer(0);
      noticed = base::from_stored(rows.integer(1));
      hold_until = base::from_stored(rows.integer(2));
      rest = rows.integer(3);
    }
  }
  if (id == 0) {
    if (const auto leap = find_leap(limits_, window, usual, now)) open(db, site, *leap, usual, counts.last);
    return;
  }
  // What was sent before the hold is still coming in; only what followed it tells.
  const std::int64_t since = std::max(minute_of(noticed) + 1, minute_of(hold_until));
  if (is_calm(limits_, window, since)) {
    db.execute(kEndOutage, {id, counts.last});
    base::log::warning("outage_ended", {{"site", site}});
  } else if (counts.errors > 0 && counts.last >= hold_until && window.front().errors >= limits_.calm / 2) {
    const base::Duration longer = std::min(base::Duration{rest * 2}, limits_.longest_rest);
    db.execute(kProlongOutage, {id, counts.last + longer, longer.count()});
  }
}

void OutageGuard::open(store::Connection& db, const std::string& site, const Leap& leap, double usual, base::Time now) {
  const base::Time began = base::from_stored(leap.began * kMinuteMs);
  const std::int64_t id = *db.query_integer(
      kAddOutage, {site, began, now, now + limits_.rest, limits_.rest.count(), leap.sent, leap.errors, usual});
  db.execute(kTakeStopsBack, {site, began, id});
  db.execute(kGiveHeldStateBack, {id, now});
  db.execute(kForgetHeldErrors, {id});
  base::log::error("outage_noticed", {{"site", site}, {"sent", leap.sent}, {"errors", leap.errors}, {"usual", usual}});
}

void OutageGuard::forget_old(store::Connection& db, base::Time now) {
  constexpr std::int64_t kEvery = 60;
  if (minute_of(now) < forgot_ + kEvery) return;
  forgot_ = minute_of(now);
  db.execute(kForgetMinutes, {minute_of(now) - kKept});
}

std::vector<Outage> outages(store::Connection& db) {
  std::vector<Outage> found;
  store::Rows rows = db.query(kOutages);
  while (rows.next()) {
    Outage outage;
    outage.id = {rows.integer(0)};
    outage.site = rows.text(1);
    outage.began_at = base::from_stored(rows.integer(2));
    outage.noticed_at = base::from_stored(rows.integer(3));
    if (!rows.is_null(4)) outage.ended_at = base::from_stored(rows.integer(4));
    outage.hold_until = base::from_stored(rows.integer(5));
    outage.rest = base::Duration{rows.integer(6)};
    outage.sent = rows.integer(7);
    outage.errors = rows.integer(8);
    outage.usual = rows.real(9);
    outage.decision = rows.text(10);
    outage.held = rows.integer(11);
    found.push_back(std::move(outage));
  }
  return found;
}

std::map<std::string, base::Time> held_sites(store::Connection& db, base::Time now) {
  std::map<std::string, base::Time> sites;
  store::Rows rows = db.query(kHeldSites, {now});
  while (rows.next()) sites.emplace(rows.text(0), base::from_stored(rows.integer(1)));
  return sites;
}

void hold_stop(store::Connection& db, OutageId outage, const Event& event, std::string_view state,
               const StopRules& rules) {
  const store::Value campaign = event.campaign ? store::Value(event.campaign) : store::Value(store::Null{});
  db.execute(kHoldStop,
             {event.contact, bounce::to_string(event.reason), campaign, event.reply, state, event.at, event.site,
              outage, rule_text(rules.of(event.reason, {event.site, event.provider})), rules.version});
}

base::Result<std::int64_t> decide_outage(store::Connection& db, OutageId outage, bool stop, base::Time now) {
  if (!db.query_integer(kOutageExists, {outage})) {
    return base::Error{base::ErrorCode::not_found, "there is no such outage", "`todoku stops review` shows them", ""};
  }
  if (db.execute(kDecideOutage, {outage, now, stop ? "stop" : "drop"}) == 0) {
    return base::Error{base::ErrorCode::exists, "that was decided before", "", ""};
  }
  if (!stop) return db.execute(kDropHeld, {outage, now});
  const std::int64_t stopped = db.execute(kStopHeld, {outage, now});
  db.execute(kSettleHeld, {outage, now});
  db.execute(kDropHeld, {outage, now});
  return stopped;
}

}  // namespace todoku::audience
