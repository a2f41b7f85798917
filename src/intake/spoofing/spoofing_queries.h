// The SQL of the tables dmarc_report, spoofing_source, source_host and spoofing_alert.
#pragma once

namespace todoku::intake::spoofing {

inline constexpr char kAddReport[] =
    "insert into dmarc_report (organisation, report, domain, email, begin_at, end_at, policy, sub_policy, percent, "
    "row_count, mails, problem, intake, at, proven) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, "
    "?14, ?15) on conflict (organisation, report, domain) do update set email = excluded.email, begin_at = "
    "excluded.begin_at, end_at = excluded.end_at, policy = excluded.policy, sub_policy = excluded.sub_policy, percent "
    "= "
    "excluded.percent, row_count = excluded.row_count, mails = excluded.mails, problem = excluded.problem, intake = "
    "excluded.intake, at = excluded.at, proven = 1 where dmarc_report.proven = 0 and excluded.proven = 1";
inline constexpr char kAddSource[] =
    "insert into spoofing_source (domain, day, address, spring, signed, dkim, spf, disposition, excuse, mails) values "
    "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) on conflict (domain, day, address, spring, signed, dkim, spf, "
    "disposition, excuse) do update set mails = spoofing_source.mails + excluded.mails";
inline constexpr char kSelectors[] = "select domain, selector from dkim_key";
inline constexpr char kHasKey[] = "select 1 from dkim_key where domain = ?1 limit 1";

inline constexpr char kSources[] =
    "select day, address, spring, signed, dkim, spf, disposition, excuse, mails from spoofing_source "
    "where domain = ?1 and day >= ?2 and day <= ?3";
inline constexpr char kFirstDay[] = "select min(day) from spoofing_source where domain = ?1";
inline constexpr char kDomains[] =
    "select domain, sum(mails) from spoofing_source where day >= ?1 group by domain order by sum(mails) desc, domain "
    "limit ?2";
inline constexpr char kReports[] =
    "select count(*), count(distinct organisation), count(distinct begin_at / 86400000) from dmarc_report "
    "where domain = ?1 and begin_at >= ?2 and proven = 1";
inline constexpr char kLastPolicy[] =
    "select policy, sub_policy, percent from dmarc_report where domain = ?1 and proven = 1 order by end_at desc, id "
    "desc limit 1";

inline constexpr char kHostName[] = "select name from source_host where address = ?1";
inline constexpr char kKeepHostName[] =
    "insert into source_host (address, name, looked_at) values (?1, ?2, ?3) on conflict (address) do update set "
    "name = excluded.name, looked_at = excluded.looked_at";
inline constexpr char kNameless[] =
    "select s.address from spoofing_source s left join source_host h on h.address = s.address "
    "where s.day >= ?1 and s.address <> '' and (h.address is null or h.looked_at < ?2) "
    "group by s.address order by sum(s.mails) desc, s.address limit ?3";

inline constexpr char kAddAlert[] =
    "insert into spoofing_alert (domain, kind, day, mails, usual, address, at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7) "
    "on conflict (domain, kind, day) do nothing returning id";
inline constexpr char kRaiseAlert[] =
    "update spoofing_alert set mails = ?4, address = ?5 where domain = ?1 and kind = ?2 and day = ?3 and mails < ?4";
#define TODOKU_ALERT_COLUMNS "id, domain, kind, day, mails, usual, address, at, acknowledged_at"
inline constexpr char kOpenAlerts[] = "select " TODOKU_ALERT_COLUMNS
                                      " from spoofing_alert where acknowledged_at is null and (?1 = '' or domain = ?1) "
                                      "order by day desc, id desc limit ?2";
inline constexpr char kAcknowledge[] =
    "update spoofing_alert set acknowledged_at = ?2 where acknowledged_at is null and (?1 = '' or domain = ?1)";
inline constexpr char kAcknowledgeOne[] =
    "update spoofing_alert set acknowledged_at = ?2 where acknowledged_at is null and id = ?1";
inline constexpr char kCountAlerts[] =
    "select kind, count(*) from spoofing_alert where acknowledged_at is null group by kind";

}  // namespace todoku::intake::spoofing
