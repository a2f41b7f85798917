// SQL of the tables resend and resend_recipient.
#pragma once

namespace todoku::remedy {

inline constexpr char kAddResend[] =
    "insert into resend (campaign, cause, after_batch, recipients, at) values (?1, ?2, ?3, ?4, ?5) returning id";
inline constexpr char kAddResendRecipients[] =
    "insert into resend_recipient (campaign, contact, resend) select ?1, l.value, ?2 from (in_list(?3)) l";
inline constexpr char kResends[] =
    "select id, cause, after_batch, recipients, at from resend where campaign = ?1 order by id";
// The last resend of each contact.
inline constexpr char kResentContacts[] =
    "select p.contact, r.id, r.after_batch from resend_recipient p join resend r on r.id = p.resend "
    "where p.campaign = ?1 order by p.contact, r.id";

}  // namespace todoku::remedy
