#include "submission/submission.h"

#include <map>
#include <set>

#include "audience/transactional.h"
#include "queue/queue.h"
#include "store/utf8.h"
#include "submission/submission_queries.h"

namespace todoku::submission {
namespace {

Submission read_submission(const store::Rows& rows) {
  Submission one;
  one.id = rows.integer(0);
  one.key = rows.text(1);
  one.sender = rows.text(2);
  one.return_domain = rows.text(3);
  one.message_id = rows.text(4);
  one.size = rows.integer(5);
  one.smtputf8 = rows.integer(6) != 0;
  one.eight_bit = rows.integer(7) != 0;
  one.recipients = rows.integer(8);
  one.open_recipients = rows.integer(9);
  one.received_at = base::from_stored(rows.integer(10));
  if (!rows.is_null(11)) one.finished_at = base::from_stored(rows.integer(11));
  return one;
}

/// Each mailbox once, by its contact.
std::map<base::ContactId, const mail::Address*> contacts_of(store::Connection& db,
                                                            const std::vector<mail::Address>& addresses,
                                                            base::Time now) {
  std::map<base::ContactId, const mail::Address*> contacts;
  for (const mail::Address& address : addresses) contacts.emplace(audience::contact_for(db, address, now), &address);
  return contacts;
}

}  // namespace

std::int64_t accept(store::Connection& db, const NewSubmission& wanted, base::Time now) {
  const auto contacts = contacts_of(db, wanted.recipients, now);
  const SubmittedMail& mail = wanted.mail;
  const auto count = static_cast<std::int64_t>(contacts.size());
  const std::int64_t id =
      db.query_integer(
            kInsert, {wanted.key, wanted.sender, wanted.return_domain, store::to_storable_text(mail.message_id),
                      store::Bytes{mail.content}, static_cast<std::int64_t>(mail.content.size()), mail.smtputf8 ? 1 : 0,
                      mail.eight_bit ? 1 : 0, count, now})
          .value();
  queue::BatchBuilder batches({.campaign = campaign_of(id), .now = now, .priority = wanted.priority});
  for (const auto& [contact, address] : contacts) {
    db.execute(kInsertRecipient, {id, contact, address->smtp()});
    batches.add(address->ascii_domain, contact);
  }
  batches.finish(db);
  return id;
}

void record(store::Connection& db, std::span<const queue::Outcome> outcomes) {
  std::map<std::int64_t, std::int64_t> ended;
  base::Time now{};
  for (const queue::Outcome& outcome : outcomes) {
    if (!is_submission(outcome.campaign) || !queue::is_final(outcome.result)) continue;
    ++ended[submission_of(outcome.campaign)];
    now = std::max(now, outcome.at);
  }
  for (const auto& [id, count] : ended) {
    db.execute(kEndRecipients, {id, count});
    db.execute(kFinish, {id, now, store::Bytes{}});
  }
}

std::optional<Submission> find(store::Connection& db, std::int64_t id) {
  auto rows = db.query(kById, {id});
  if (!rows.next()) return std::nullopt;
  Submission one = read_submission(rows);
  one.content = rows.bytes(12);
  return one;
}

std::vector<Submission> submissions(store::Connection& db, std::string_view key, std::int64_t limit) {
  std::vector<Submission> all;
  auto rows = db.query(kNewest, {key, limit});
  while (rows.next()) all.push_back(read_submission(rows));
  return all;
}

std::vector<SubmissionRecipient> recipients(store::Connection& db, std::int64_t id) {
  std::vector<SubmissionRecipient> all;
  auto rows = db.query(kRecipients, {id, campaign_of(id)});
  while (rows.next()) {
    const base::ContactId contact{rows.integer(0)};
    if (!all.empty() && all.back().contact == contact) continue;  // an earlier attempt
    SubmissionRecipient& one = all.emplace_back();
    one.contact = contact;
    one.address = rows.text(1);
    if (!rows.is_null(2)) one.result = static_cast<queue::Result>(rows.integer(2));
    one.reason = rows.text(3);
    one.text = rows.text(4);
  }
  return all;
}

}  // namespace todoku::submission
