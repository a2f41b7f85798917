// SQL of the table domain_watch.
#pragma once

namespace todoku::audience {

#define TODOKU_DOMAIN_COLUMNS "domain, state, dead_days, answer, since, checked_at, next_check_at"

inline constexpr char kWatchDomains[] =
    "insert into domain_watch (domain, state, dead_days, answer, since, next_check_at) "
    "select distinct c.domain, 'suspected', 0, '', ?1, ?1 from stop s join contact c on c.id = s.contact "
    "where s.released_at is null and s.outage is null and s.reason in ('host_unknown', 'no_mail_accepted') and not "
    "exists "
    "(select 1 from domain_watch w where w.domain = c.domain and (w.state <> 'alive' or w.since >= s.at)) "
    "on conflict (domain) do update set state = 'suspected', dead_days = 0, since = excluded.since, "
    "next_check_at = excluded.next_check_at";
inline constexpr char kDueDomains[] =
    "select " TODOKU_DOMAIN_COLUMNS
    " from domain_watch where next_check_at <= ?1 and state <> 'alive' order by next_check_at limit ?2";
inline constexpr char kClaimDomain[] =
    "update domain_watch set next_check_at = ?3 where domain = ?1 and next_check_at = ?2";
inline constexpr char kStoreDomain[] =
    "update domain_watch set state = ?2, dead_days = ?3, answer = ?4, since = ?5, checked_at = ?6, next_check_at = ?7 "
    "where domain = ?1";
inline constexpr char kMailedOfDomain[] =
    "select id from contact where domain = ?1 and state in ('active', 'unconfirmed') order by id limit ?2";
inline constexpr char kAddDomainStops[] =
    "insert into stop (contact, reason, errors, campaign, reply, state_before, at, site, rule, policy_version) "
    "select id, ?2, 0, null, ?3, state, ?4, ?5, 'dead_domain', 0 from contact where id in (in_list(?1))";
inline constexpr char kStopContacts[] =
    "update contact set state = 'stopped', changed_at = ?2 where id in (in_list(?1))";
inline constexpr char kDomainReports[] =
    "select " TODOKU_DOMAIN_COLUMNS
    ", (select count(*) from contact c where c.domain = w.domain and c.state = 'stopped'), (select count(*) from "
    "contact "
    "c where c.domain = w.domain and c.state in ('active', 'unconfirmed')) from domain_watch w "
    "order by case w.state when 'dead' then 0 when 'suspected' then 1 else 2 end, w.domain";

}  // namespace todoku::audience
