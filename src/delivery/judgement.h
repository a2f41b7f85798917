// From what a session or a lookup ended with to the outcome that is recorded. Pure.
//
// A refusal before RCPT says nothing about the address, whatever its code: it is deferred and tried again until the
// mail expires. At RCPT and later a 5xx is final, unless its cause is one that passes (rate, connections, a blocked
// sender).
#pragma once
#include <optional>
#include <string_view>

#include "bounce/rules.h"
#include "queue/outcome.h"
#include "smtp/outcome.h"

namespace todoku::delivery {

/// What the judgement needs to know of the recipient and the host.
struct Attempt {
  base::CampaignId campaign;
  base::ContactId contact;
  int number = 1;
  base::Time at;
  std::string_view recipient;
  std::string_view site;
  std::string_view remote;  // "mx.example.jp [192.0.2.1]"; empty where no host was reached
};

[[nodiscard]] queue::Outcome judge(const bounce::Rules& rules, const Attempt& attempt, const smtp::SendOutcome& sent);

/// A session that could not be opened.
[[nodiscard]] queue::Outcome judge(const bounce::Rules& rules, const Attempt& attempt, const smtp::Failure& failure);

/// A cause of our own, without a server's word: a domain that does not exist, a name server that does not answer.
[[nodiscard]] queue::Outcome judge(const Attempt& attempt, bounce::Reason reason, bool final, std::string_view text);

/// The last attempt failed too and there will be no other: final, with the last cause, or `expired` where that was only
/// the network's.
void expire(queue::Outcome& outcome);

[[nodiscard]] bounce::Reason reason_of(smtp::Cause cause);

}  // namespace todoku::delivery
