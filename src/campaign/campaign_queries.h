// The SQL of the tables campaign and campaign_file.
#pragma once
#include <string_view>

namespace todoku::campaign {

#define TODOKU_CAMPAIGN_COLUMNS                                                                            \
  "id, name, list, state, sender_name, sender_address, reply_to, postal_address, contact, bounce_domain, " \
  "public_url, total, created_at, started_at, finished_at"

inline constexpr std::string_view kInsertCampaign =
    "insert into campaign (name, list, state, sender_name, sender_address, reply_to, postal_address, contact, "
    "bounce_domain, public_url, total, created_at) values (?1, ?2, 'draft', ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, ?10) "
    "on conflict (name) do nothing returning id";
inline constexpr std::string_view kInsertFile =
    "insert into campaign_file (campaign, path, content) values (?1, ?2, ?3)";
inline constexpr std::string_view kSelectByName = "select " TODOKU_CAMPAIGN_COLUMNS " from campaign where name = ?1";
inline constexpr std::string_view kSelectById = "select " TODOKU_CAMPAIGN_COLUMNS " from campaign where id = ?1";
inline constexpr std::string_view kSelectAll = "select " TODOKU_CAMPAIGN_COLUMNS " from campaign order by id";
inline constexpr std::string_view kSelectByState =
    "select " TODOKU_CAMPAIGN_COLUMNS " from campaign where state = ?1 order by id";
inline constexpr std::string_view kSelectFiles =
    "select path, content from campaign_file where campaign = ?1 order by path";
inline constexpr std::string_view kStart =
    "update campaign set state = 'sending', started_at = ?2 where id = ?1 and state = 'draft'";
inline constexpr std::string_view kSetTotal = "update campaign set total = ?2 where id = ?1";
inline constexpr std::string_view kUnstart =
    "update campaign set state = 'draft', started_at = null where id = ?1 and state = 'sending'";
inline constexpr std::string_view kResume = "update campaign set state = 'sending' where id = ?1 and state = 'paused'";
inline constexpr std::string_view kPause = "update campaign set state = 'paused' where id = ?1 and state = 'sending'";
inline constexpr std::string_view kCancel =
    "update campaign set state = 'cancelled', finished_at = ?2 "
    "where id = ?1 and state in ('draft', 'sending', 'paused')";
inline constexpr std::string_view kFinish =
    "update campaign set state = 'finished', finished_at = ?2 where id = ?1 and state = 'sending'";
inline constexpr std::string_view kLastOfContact =
    "select c.id from campaign c join list_member m on m.list = c.list where m.contact = ?1 and c.started_at <= ?2 "
    "order by c.started_at desc limit 1";

}  // namespace todoku::campaign
