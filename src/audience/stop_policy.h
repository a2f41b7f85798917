// The stop policy: when errors make us stop mailing a contact.
//
// An address is stopped only for what is the address's fault, by rules that people set (stop_rule.h, policy_version.h);
// by default hard errors (no such user, no such domain) stop at the first, errors of the mailbox that may pass (full,
// disabled, refusing) at the third in a row. Errors are counted by cause; a delivery sets the counts back, and a bounce
// of that very mail takes this back; so does an opening. What lies in the message, in us or in our speed never counts.
// A complaint is a refusal: it unsubscribes.
//
// While a receiver errs as a whole (outage.h), its errors are held for review instead.
//
// An event counts only when the mail was given up, and one campaign counts once for one kind, so that a reply, a bounce
// and a webhook about one mail are one error.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "audience/policy_version.h"
#include "audience/stop_rule.h"
#include "base/clock.h"
#include "base/id.h"
#include "bounce/reason.h"
#include "store/connection.h"

namespace todoku::audience {

/// What became of one mail.
struct Event {
  base::ContactId contact;
  base::CampaignId campaign;  // 0: none known; then each event counts
  base::Time at;
  bounce::Reason reason = bounce::Reason::unknown;  // `delivered` for a delivery
  bounce::Effect effect = bounce::Effect::none;
  bool permanent = false;     // given up; what will be tried again does not count
  std::string reply;          // the server's words, kept with a stop
  std::string site = {};      // who answered: the receiving domain; empty: not known
  std::string provider = {};  // that serves it; empty: not known
  bool late = false;          // a bounce after the session took the mail
  bool proven = true;  // about a mail of ours for sure; else hard errors count as the mailbox's, complaints not at all
};

/// What is known of a contact's errors of one kind.
struct ErrorCount {
  std::int64_t errors = 0;
  base::CampaignId campaign;                        // of the last one
  std::optional<base::CampaignId> cleared_by = {};  // the campaign whose delivery came since
  base::Time first_at = {};                         // of the row
};

struct Decision {
  enum class Action : std::uint8_t {
    nothing,
    reset,  // all counts of the contact go
    count,  // `errors` is the new count of the kind
    stop,   // the same, and the rule is met
    unsubscribe,
  };
  Action action = Action::nothing;
  std::int64_t errors = 0;
  friend bool operator==(const Decision&, const Decision&) = default;
};

/// The policy itself; pure. `count` is the contact's for the event's kind.
[[nodiscard]] Decision decide(const StopRules& rules, const ErrorCount& count, const Event& event);
/// The count once the event's error is in it, where decide() says so; pure.
[[nodiscard]] ErrorCount with_error(const ErrorCount& count, const Event& event);

/// A person opened a mail; what a scanner fetches is none.
struct Opening {
  base::ContactId contact;
  base::Time at;
  std::string site = {};  // where the mail went, and who serves it: rules may differ
  std::string provider = {};
};

class OutageGuard;

/// Every group is decided by the version that holds at that moment.
class StopPolicy {
 public:
  explicit StopPolicy(StopLimits defaults = {});
  ~StopPolicy();
  StopPolicy(StopPolicy&&) noexcept;

  /// Takes in a group of events in the order they happened, inside the caller's transaction. Deliveries cost one
  /// statement for the whole group. Events of contacts that are gone are ignored; contacts that are unsubscribed,
  /// stopped or suppressed keep their state.
  /// The sites of the group that are in an outage.
  std::vector<std::string> record(store::Connection& db, std::span<const Event> events);

  /// Sets back the counts of errors before these openings, but those whose rule keeps them. Nobody is released.
  void opened(store::Connection& db, std::span<const Opening> openings);

 private:
  CurrentRules rules_;
  std::unique_ptr<OutageGuard> guard_;
};

}  // namespace todoku::audience
