// The SQL of the tables submission and submission_recipient.
#pragma once
#include <string_view>

namespace todoku::submission {

#define TODOKU_SUBMISSION_COLUMNS                                                                          \
  "s.id, coalesce(k.name, ''), s.sender, s.return_domain, s.message_id, s.size, s.smtputf8, s.eight_bit, " \
  "s.recipients, s.open_recipients, s.received_at, s.finished_at"
#define TODOKU_SUBMISSIONS " from submission s left join submission_key k on k.id = s.key "

inline constexpr std::string_view kInsert =
    "insert into submission (key, sender, return_domain, message_id, content, size, smtputf8, eight_bit, recipients, "
    "open_recipients, received_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?10) returning id";
inline constexpr std::string_view kInsertRecipient =
    "insert into submission_recipient (submission, contact, address) values (?1, ?2, ?3)";
inline constexpr std::string_view kEndRecipients =
    "update submission set open_recipients = open_recipients - ?2 where id = ?1";
inline constexpr std::string_view kFinish =
    "update submission set finished_at = ?2, content = ?3 where id = ?1 and open_recipients <= 0 "
    "and finished_at is null";
inline constexpr std::string_view kById =
    "select " TODOKU_SUBMISSION_COLUMNS ", s.content" TODOKU_SUBMISSIONS "where s.id = ?1";
inline constexpr std::string_view kNewest =
    "select " TODOKU_SUBMISSION_COLUMNS TODOKU_SUBMISSIONS "where ?1 = '' or k.name = ?1 order by s.id desc limit ?2";
inline constexpr std::string_view kAddresses =
    "select contact, address from submission_recipient where submission = ?1 and contact in in_list(?2)";
inline constexpr std::string_view kRecipients =
    "select r.contact, r.address, o.result, coalesce(o.reason, ''), coalesce(o.text, '') from submission_recipient r "
    "left join outcome_text o on o.campaign = ?2 and o.contact = r.contact where r.submission = ?1 "
    "order by r.contact, o.at desc, o.attempt desc";

}  // namespace todoku::submission
