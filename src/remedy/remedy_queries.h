// SQL of the tables resend and resend_recipient.
#pragma once

namespace todoku::remedy {

inline constexpr char kAddResend[] =
    "insert into resend (campaign, cause, after_batch, recipients, at, via) values (?1, ?2, ?3, ?4, ?5, ?6) returning "
    "id";
inline constexpr char kViaOf[] = "select distinct via from resend where campaign = ?1 and via is not null order by via";
inline constexpr char kAddResendRecipients[] =
    "insert into resend_recipient (campaign, contact, resend) select ?1, l.value, ?2 from (in_list(?3)) l";
inline constexpr char kResends[] =
    "select id, cause, after_batch, recipients, at, via from resend where campaign = ?1 order by id";
// The resends of each contact, in order of time.
inline constexpr char kResentContacts[] =
    "select p.contact, r.id, r.after_batch, coalesce(r.via, 0), r.at from resend_recipient p join resend r on r.id = "
    "p.resend "
    "where p.campaign = ?1 order by p.contact, r.id";

}  // namespace todoku::remedy
