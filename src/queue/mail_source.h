// The two sides that delivery is wired to: where the mails come from, and who hears what became of them.
//
// delivery calls both, campaign and audience stand behind them, app wires them; so neither side includes the other, and
// a benchmark or a simulation can stand in for either.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/id.h"
#include "queue/outcome.h"

namespace todoku::store {
class Connection;
}

namespace todoku::queue {

/// One recipient's mail, ready for SMTP.
struct Mail {
  std::string sender;              // return path, signed, without <>
  std::string recipient;           // as it goes into RCPT TO, without <>
  std::string content;             // header and body, CRLF line ends, no dot-stuffing, no final dot
  bool smtputf8 = false;           // an address or a header field needs SMTPUTF8
  bool eight_bit = false;          // a body part is 8bit
  std::optional<base::Time> date;  // that of its Date field
};

/// The mails of one batch. Made on a database thread; pure CPU work. All but finish() from any one thread at a time.
class BatchMails {
 public:
  virtual ~BatchMails() = default;

  /// False: this contact may not be mailed now (stopped, unsubscribed, deleted since the batch was laid down).
  /// Then `why` holds the word for the outcome's reason.
  virtual bool mail(base::ContactId contact, Mail& into, std::string& why) = 0;

  /// Whether finish() has something to do for this mail.
  virtual bool unfinished(const Mail& /*mail*/) { return false; }

  /// What takes longer than the rest together, such as a signature. From any threads, for several mails at once.
  virtual void finish(Mail& /*mail*/) {}

  /// The recipient's domain as in DNS (A-label, lower case), without making the mail. Empty: not to be mailed.
  virtual std::string_view domain(base::ContactId contact) = 0;
};

class MailSource {
 public:
  virtual ~MailSource() = default;
  /// Loads what the batch's mails need. Blocking; not on an I/O thread.
  virtual std::unique_ptr<BatchMails> open(base::CampaignId campaign, std::span<const base::ContactId> contacts) = 0;
};

/// Hears of outcomes inside the very transaction that stores them: stop policy, counters, events.
class OutcomeSink {
 public:
  virtual ~OutcomeSink() = default;
  virtual void record(store::Connection& db, std::span<const Outcome> outcomes) = 0;
};

}  // namespace todoku::queue
