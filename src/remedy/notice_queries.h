// SQL of the tables notify_target and notice.
#pragma once

namespace todoku::remedy {

#define TODOKU_NOTICE_COLUMNS                                                                                       \
  "n.id, t.name, n.contact, n.address, n.state, n.state_before, n.reason, coalesce(n.campaign, 0), n.at, n.place, " \
  "n.tries, n.due_at, n.problem from notice n join notify_target t on t.id = n.target "

inline constexpr char kEndTargets[] = "update notify_target set active = 0 where active = 1";
inline constexpr char kBeginTarget[] =
    "insert into notify_target (name, active, created_at) values (?1, 1, ?2) on conflict (name) do update set active = "
    "1";
inline constexpr char kTarget[] = "select id from notify_target where name = ?1";
inline constexpr char kAnyDue[] =
    "select 1 from notice n where n.target = (select id from notify_target where name = ?1) and n.place = 'waiting' "
    "and "
    "n.due_at <= ?2 limit 1";
// The first one of each contact alone.
inline constexpr char kTurns[] =
    "select n.id from notice n where n.target = ?1 and n.place = 'waiting' and n.due_at <= ?2 and not exists "
    "(select 1 from notice e where e.target = n.target and e.contact = n.contact and e.place = 'waiting' and e.id < "
    "n.id) order by n.due_at, n.id limit ?3 $skip_locked";
inline constexpr char kLeaseNotices[] = "update notice set due_at = ?2, tries = tries + 1 where id in (in_list(?1))";
inline constexpr char kNoticesByIds[] = "select " TODOKU_NOTICE_COLUMNS "where n.id in (in_list(?1)) order by n.id";
inline constexpr char kDeleteNotice[] = "delete from notice where id = ?1";
inline constexpr char kCountSent[] =
    "update notify_target set sent = sent + 1, sent_at = ?2, problem = '' where name = ?1";
inline constexpr char kPutOff[] = "update notice set place = ?2, due_at = ?3, problem = ?4 where id = ?1";
inline constexpr char kTargetProblem[] = "update notify_target set problem = ?2 where name = ?1";
inline constexpr char kFindNotices[] =
    "select " TODOKU_NOTICE_COLUMNS
    "where (?1 = '' or t.name = ?1) and (?2 = '' or n.place = ?2) order by n.id limit ?3";
inline constexpr char kRetryNotices[] =
    "update notice set place = 'waiting', tries = 0, due_at = ?2 where ?1 = 0 or id = ?1";
inline constexpr char kCountNotices[] =
    "select t.name, t.active, coalesce(sum(case when n.place = 'waiting' then 1 else 0 end), 0), "
    "coalesce(sum(case when n.place = 'dead' then 1 else 0 end), 0), t.sent, t.sent_at, t.problem "
    "from notify_target t left join notice n on n.target = t.id "
    "group by t.id, t.name, t.active, t.sent, t.sent_at, t.problem order by t.name";

}  // namespace todoku::remedy
