#include "submission/submission_mails.h"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "audience/transactional.h"
#include "mail/address.h"
#include "mail/header.h"
#include "submission/submission.h"
#include "submission/submission_queries.h"

namespace todoku::submission {
namespace {

/// Only who may still be mailed.
struct Recipients {
  std::map<base::ContactId, std::string> addresses;
  std::map<base::ContactId, std::string> domains;
};

class OneMail final : public queue::BatchMails {
 public:
  OneMail(Submission submission, Recipients recipients, const tracking::Tokens& tokens, std::string trace)
      : submission_(std::move(submission)),
        recipients_(std::move(recipients)),
        tokens_(tokens),
        trace_(std::move(trace)) {}

  bool mail(base::ContactId contact, queue::Mail& into, std::string& why) override {
    const auto found = recipients_.addresses.find(contact);
    if (found == recipients_.addresses.end()) {
      why = "not_sendable";
      return false;
    }
    const auto address = mail::parse_address(found->second);
    if (!address) {
      why = "address_invalid";
      return false;
    }
    const tracking::MailId id{campaign_of(submission_.id), contact};
    into.sender = "bounces+" + tokens_.sign(tracking::Purpose::return_path, id) + "@" + submission_.return_domain;
    into.recipient = address->smtp();
    into.content = trace_ + submission_.content;
    into.smtputf8 = submission_.smtputf8 || address->smtputf8;
    into.eight_bit = submission_.eight_bit;
    into.date = submission_.received_at;
    return true;
  }

  std::string_view domain(base::ContactId contact) override {
    const auto found = recipients_.domains.find(contact);
    return found == recipients_.domains.end() ? std::string_view() : std::string_view(found->second);
  }

 private:
  const Submission submission_;
  const Recipients recipients_;
  const tracking::Tokens& tokens_;
  const std::string trace_;
};

Recipients recipients_of(store::Connection& db, std::int64_t submission, std::span<const base::ContactId> contacts) {
  Recipients all;
  for (const audience::Contact& contact : audience::find_reachable(db, contacts)) {
    all.domains.emplace(contact.id, contact.domain);
  }
  std::vector<std::int64_t> ids;
  for (const auto& [contact, domain] : all.domains) ids.push_back(contact.value);
  auto rows = db.query(kAddresses, {submission, store::Integers{ids}});
  while (rows.next()) all.addresses.emplace(base::ContactId{rows.integer(0)}, std::string(rows.text(1)));
  std::erase_if(all.domains, [&all](const auto& one) { return !all.addresses.contains(one.first); });
  return all;
}

/// RFC 6409 wants a trace; who the client was stays with us.
std::string trace_of(const Submission& submission, const std::string& hostname) {
  return "Received: by " + hostname + " (Todoku) with ESMTPSA id " + std::to_string(submission.id) + ";\r\n\t" +
         mail::date_text(submission.received_at, 0) + "\r\n";
}

}  // namespace

SubmissionMails::SubmissionMails(store::Store& store, tracking::Tokens tokens, std::string hostname)
    : store_(store), tokens_(std::move(tokens)), hostname_(std::move(hostname)) {}

std::unique_ptr<queue::BatchMails> SubmissionMails::open(base::CampaignId campaign,
                                                         std::span<const base::ContactId> contacts) {
  const store::Lease db = store_.read();
  auto submission = find(*db, submission_of(campaign));
  if (!submission) throw std::runtime_error("submission " + std::to_string(submission_of(campaign)) + " is gone");
  Recipients recipients = recipients_of(*db, submission->id, contacts);
  std::string trace = trace_of(*submission, hostname_);
  return std::make_unique<OneMail>(*std::move(submission), std::move(recipients), tokens_, std::move(trace));
}

std::unique_ptr<queue::BatchMails> MailsByOrigin::open(base::CampaignId campaign,
                                                       std::span<const base::ContactId> contacts) {
  return (is_submission(campaign) ? submissions_ : campaigns_).open(campaign, contacts);
}

}  // namespace todoku::submission
