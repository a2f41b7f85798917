// What intake leads to: contacts, counters and stops belong to others, and app wires them here.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/clock.h"
#include "bounce/diagnosis.h"
#include "intake/mail_trace.h"
#include "store/connection.h"
#include "tracking/feedback_id.h"
#include "tracking/token.h"

namespace todoku::intake {

/// One recipient's fate as a notice tells it, of a mail of ours.
struct Finding {
  tracking::MailId mail;
  bool proven = false;  // a token of ours names the mail, or a relay vouches for it; else anybody could have written it
  bounce::Kind kind = bounce::Kind::other;  // bounce, delay, delivered or complaint
  const bounce::Diagnosis* diagnosis = nullptr;
  base::Time at;
};

/// Called inside the very transaction that stores what came, once for each thing that came.
class Consequences {
 public:
  virtual ~Consequences() = default;
  virtual void record(store::Connection& db, std::span<const Finding> findings) = 0;
  /// The reader asks for no more mail, by mail to the address that List-Unsubscribe gives.
  virtual void refused(store::Connection& db, tracking::MailId mail, base::Time at) = 0;
  /// The latest mail sent to this address before then; nothing where there was none.
  [[nodiscard]] virtual std::optional<tracking::MailId> last_mail_to(store::Connection& db, std::string_view address,
                                                                     base::Time before) = 0;
  /// The mail that a Feedback-ID and a recipient name; without a contact where the recipient is none of ours, nothing
  /// where there is no such campaign.
  [[nodiscard]] virtual std::optional<tracking::MailId> mail_of(store::Connection& db, tracking::FeedbackId id,
                                                                std::string_view address) = 0;
};

}  // namespace todoku::intake
