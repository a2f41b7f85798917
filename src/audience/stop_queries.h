// SQL of the tables contact_error and stop.
#pragma once

namespace todoku::audience {

inline constexpr char kForgetErrors[] = "delete from contact_error where contact in (in_list(?1))";
inline constexpr char kAnyErrorsBetween[] = "select 1 from contact_error where contact between ?1 and ?2 limit 1";
inline constexpr char kClearErrors[] =
    "update contact_error set cleared_by = ?2 where contact in (in_list(?1)) and cleared_by is null";
inline constexpr char kErrorsOfContacts[] =
    "select contact, kind, errors, campaign, cleared_by, first_at from contact_error where contact in (in_list(?1))";
inline constexpr char kSetErrors[] =
    "insert into contact_error (contact, kind, errors, campaign, at, cleared_by, first_at) values (?1, ?2, ?3, ?4, ?5, "
    "?6, ?7) on conflict (contact, kind) do update set errors = excluded.errors, campaign = excluded.campaign, at = "
    "excluded.at, cleared_by = excluded.cleared_by, first_at = excluded.first_at";
inline constexpr char kErrorTimes[] = "select contact, kind, at from contact_error where contact in (in_list(?1))";
inline constexpr char kForgetKind[] = "delete from contact_error where contact = ?1 and kind = ?2";
inline constexpr char kStateOfContacts[] = "select id, state, address_key from contact where id in (in_list(?1))";

inline constexpr char kAddStop[] =
    "insert into stop (contact, reason, errors, campaign, reply, state_before, at, site, rule, policy_version) values "
    "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

#define TODOKU_STOP_COLUMNS                                                                     \
  "s.id, s.contact, c.address, c.name, s.reason, s.errors, s.campaign, s.reply, s.at, s.rule, " \
  "s.policy_version"
// Filters that are not given come as 0 or ''.
inline constexpr char kOpenStops[] =
    "select " TODOKU_STOP_COLUMNS
    " from stop s join contact c on c.id = s.contact "
    "where s.released_at is null and s.outage is null and s.id > ?1 and (?2 = '' or s.reason = ?2) and (?3 = 0 or "
    "s.contact = ?3) "
    "and (?4 = 0 or exists (select 1 from list_member m where m.list = ?4 and m.contact = s.contact)) "
    "and (?6 = '' or c.domain = ?6) order by s.id limit ?5";
inline constexpr char kStopsOfContact[] =
    "select " TODOKU_STOP_COLUMNS
    ", s.released_at, s.release_note, s.outage from stop s join contact c on c.id = s.contact where s.contact = ?1 "
    "order by s.id";
inline constexpr char kContactOfStop[] = "select contact from stop where id = ?1";
inline constexpr char kCountOpenStops[] =
    "select s.reason, count(*) from stop s join contact c on c.id = s.contact where s.released_at is null and s.outage "
    "is null and (?2 = '' or s.reason = ?2) and (?3 = '' or c.domain = ?3) and (?1 = 0 or exists (select 1 from "
    "list_member m where m.list = ?1 and m.contact = s.contact)) "
    "group by s.reason order by count(*) desc, s.reason";
inline constexpr char kPastStops[] =
    "select contact, reason, at, released_at from stop where outage is null and rule <> 'dead_domain' and contact in "
    "(in_list(?1)) order by id";
inline constexpr char kGiveStateBack[] =
    "update contact set changed_at = ?2, "
    "state = (select s.state_before from stop s where s.contact = contact.id and s.id in (in_list(?1)) limit 1) "
    "where state = 'stopped' and id in (select s.contact from stop s where s.id in (in_list(?1)))";
inline constexpr char kCloseStops[] =
    "update stop set released_at = ?2, release_note = ?3 where id in (in_list(?1)) and released_at is null";

}  // namespace todoku::audience
