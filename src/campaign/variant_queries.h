// The SQL of the tables campaign_variant and campaign_variant_file.
#pragma once
#include <string_view>

namespace todoku::campaign {

inline constexpr std::string_view kInsertVariantCampaign =
    "insert into campaign (name, list, state, sender_name, sender_address, reply_to, postal_address, contact, "
    "bounce_domain, public_url, total, created_at, started_at) select ?2, list, 'sending', sender_name, "
    "sender_address, reply_to, postal_address, contact, bounce_domain, ?3, 0, ?4, ?4 from campaign where id = ?1 "
    "on conflict (name) do nothing returning id";
inline constexpr std::string_view kInsertVariant =
    "insert into campaign_variant (campaign, original, kind, part, parts, language, expires_at) "
    "values (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
inline constexpr std::string_view kInsertVariantFile =
    "insert into campaign_variant_file (campaign, number, path) values (?1, ?2, ?3)";
inline constexpr std::string_view kSelectVariant =
    "select original, kind, part, parts, language, expires_at from campaign_variant where campaign = ?1";
inline constexpr std::string_view kSelectVariantFiles =
    "select path from campaign_variant_file where campaign = ?1 order by number";
inline constexpr std::string_view kCountVariants = "select count(*) from campaign_variant where original = ?1";
inline constexpr std::string_view kSelectDownload =
    "select vf.path, f.content, v.expires_at from campaign_variant v "
    "join campaign_variant_file vf on vf.campaign = v.campaign "
    "join campaign_file f on f.campaign = v.original and f.path = vf.path "
    "where v.campaign = ?1 and vf.number = ?2 and v.kind = 'links' and v.expires_at is not null";

}  // namespace todoku::campaign
