// The SQL of the tables intake, intake_original and bounce.
#pragma once

namespace todoku::intake {

inline constexpr char kAdd[] =
    "insert into intake (key, road, place, identity, state, kind, format, problem, found_by, campaign, contact, "
    "forged, "
    "sender, recipient, peer, subject, size, at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, "
    "?15, ?16, ?17, ?18) on conflict (key) do nothing returning id";
inline constexpr char kAddOriginal[] = "insert into intake_original (intake, content, at) values (?1, ?2, ?3)";
inline constexpr char kAddBounce[] =
    "insert into bounce (intake, number, campaign, contact, address, reason, permanent, status, reply_code, remote, "
    "provider, diagnostic, at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";

#define TODOKU_INTAKE_COLUMNS                                                                                  \
  "i.id, i.road, i.place, i.state, i.kind, i.format, i.problem, i.found_by, i.campaign, i.contact, i.forged, " \
  "i.sender, i.recipient, i.peer, i.subject, i.size, i.at"
// Filters that are not given come as 0 or ''.
inline constexpr char kEntries[] = "select " TODOKU_INTAKE_COLUMNS
                                   " from intake i where (?1 = 0 or i.id < ?1) and (?2 = '' or i.state = ?2) and "
                                   "(?3 = '' or i.road = ?3) and (?4 = 0 or i.contact = ?4) and (?5 = 0 or i.campaign "
                                   "= ?5) order by i.id desc limit ?6";
inline constexpr char kEntry[] = "select " TODOKU_INTAKE_COLUMNS " from intake i where i.id = ?1";
inline constexpr char kBouncesOf[] =
    "select address, reason, permanent, status, reply_code, remote, provider, diagnostic from bounce where intake = ?1 "
    "order by number";
// Whoever complained and is not named counts as somebody else each time.
inline constexpr char kLateCounts[] =
    "select b.reason, count(distinct coalesce(b.contact, -b.intake)), min(b.intake) from bounce b join intake i on "
    "i.id = b.intake where b.campaign = ?1 and i.kind in ('bounce', 'complaint') group by b.reason "
    "order by count(distinct coalesce(b.contact, -b.intake)) desc, b.reason";
inline constexpr char kLateReaders[] =
    "select count(distinct coalesce(b.contact, -b.intake)) from bounce b join intake i on i.id = b.intake "
    "where b.campaign = ?1 and i.kind in ('bounce', 'complaint')";
inline constexpr char kContactsWithNotices[] =
    "select distinct contact from bounce where contact is not null and contact > ?1 order by contact limit ?2";
// Of a notice about several recipients the first that failed for good counts, else the first.
inline constexpr char kFindingsOfContacts[] =
    "select b.contact, b.campaign, b.at, b.address, b.reason, b.permanent, b.reply_code, b.remote, b.diagnostic, "
    "i.kind, "
    "i.found_by, i.road from bounce b join intake i on i.id = b.intake where b.contact is not null and b.contact in "
    "(in_list(?1)) and i.state = 'joined' and i.kind in ('bounce', 'delivered', 'complaint') and not exists (select 1 "
    "from bounce o where o.intake = b.intake and o.number <> b.number and (o.permanent > b.permanent or (o.permanent = "
    "b.permanent and o.number < b.number)))";
inline constexpr char kOriginal[] = "select content from intake_original where intake = ?1";
inline constexpr char kCounts[] = "select road, state, count(*) from intake group by road, state order by road, state";
inline constexpr char kForgetOriginals[] =
    "delete from intake_original where intake in (select intake from intake_original where at < ?1 order by at limit "
    "?2)";

}  // namespace todoku::intake
