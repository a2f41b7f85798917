// SQL of the tables site_minute, site_history and outage.
#pragma once

namespace todoku::audience {

inline constexpr char kCountMinute[] =
    "insert into site_minute (site, minute, sent, errors, late) values (?1, ?2, ?3, ?4, ?5) on conflict (site, minute) "
    "do "
    "update set sent = site_minute.sent + excluded.sent, errors = site_minute.errors + excluded.errors, "
    "late = site_minute.late + excluded.late";
inline constexpr char kCountHistory[] =
    "insert into site_history (site, sent, errors) values (?1, ?2, ?3) on conflict (site) do "
    "update set sent = site_history.sent + excluded.sent, errors = site_history.errors + excluded.errors";
inline constexpr char kMinutes[] =
    "select minute, sent, errors, late from site_minute where site = ?1 and minute > ?2 order by minute desc";
inline constexpr char kHistory[] = "select sent, errors from site_history where site = ?1";
inline constexpr char kForgetMinutes[] = "delete from site_minute where minute < ?1";

inline constexpr char kOpenOutage[] =
    "select id, noticed_at, hold_until, rest from outage where site = ?1 and ended_at is null order by id desc limit 1";
inline constexpr char kSitesInOutage[] = "select site from outage where ended_at is null";
inline constexpr char kAddOutage[] =
    "insert into outage (site, began_at, noticed_at, hold_until, rest, sent, errors, usual) values (?1, ?2, ?3, ?4, "
    "?5, "
    "?6, ?7, ?8) returning id";
inline constexpr char kProlongOutage[] = "update outage set hold_until = ?2, rest = ?3 where id = ?1";
inline constexpr char kEndOutage[] = "update outage set ended_at = ?2, hold_until = ?2 where id = ?1";
inline constexpr char kOutages[] =
    "select o.id, o.site, o.began_at, o.noticed_at, o.ended_at, o.hold_until, o.rest, o.sent, o.errors, o.usual, "
    "coalesce(o.decision, ''), (select count(*) from stop s where s.outage = o.id and s.released_at is null) "
    "from outage o where o.ended_at is null or o.decided_at is null order by o.id desc";
inline constexpr char kPastOutages[] =
    "select site, began_at, ended_at from outage where decision is null or decision <> 'stop'";
inline constexpr char kHeldSites[] =
    "select site, max(hold_until) from outage where ended_at is null and hold_until > ?1 group by site";

// Stops since it began are taken back: the contact gets its state again, the stop waits for review.
inline constexpr char kTakeStopsBack[] =
    "update stop set outage = ?3 where site = ?1 and at >= ?2 and released_at is null and outage is null";
inline constexpr char kGiveHeldStateBack[] =
    "update contact set changed_at = ?2, "
    "state = (select s.state_before from stop s where s.contact = contact.id and s.outage = ?1 limit 1) "
    "where state = 'stopped' and id in (select s.contact from stop s where s.outage = ?1)";
inline constexpr char kForgetHeldErrors[] =
    "delete from contact_error where contact in (select s.contact from stop s where s.outage = ?1)";

inline constexpr char kHoldStop[] =
    "insert into stop (contact, reason, errors, campaign, reply, state_before, at, site, outage, rule, policy_version) "
    "select ?1, ?2, 1, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 where not exists "
    "(select 1 from stop s where s.outage = ?8 and s.contact = ?1)";
inline constexpr char kDecideOutage[] =
    "update outage set decided_at = ?2, decision = ?3 where id = ?1 and decided_at is null";
inline constexpr char kOutageExists[] = "select 1 from outage where id = ?1";
// Who refused mail since, or was stopped since, stays as they are; then their held stop goes.
inline constexpr char kStopHeld[] =
    "update contact set state = 'stopped', changed_at = ?2 where state in ('active', 'unconfirmed') and id in "
    "(select s.contact from stop s where s.outage = ?1 and s.released_at is null)";
inline constexpr char kSettleHeld[] =
    "update stop set outage = null, at = ?2 where outage = ?1 and released_at is null and contact in "
    "(select id from contact where state = 'stopped')";
inline constexpr char kDropHeld[] =
    "update stop set released_at = ?2, release_note = 'outage' where outage = ?1 and released_at is null";

}  // namespace todoku::audience
