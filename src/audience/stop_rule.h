// Rules of the stop policy: how many errors in a row, over how many days, stop a reader, by cause and by receiver.
//
// Only what is the address's fault can have a rule. The most particular one holds: one for the very cause before one
// for its kind, then one for the receiving domain before one for the provider before one for all. Where none fits, the
// defaults of the settings hold; causes that are neither permanent nor of the mailbox then never count.
//
// Written as CAUSE[@RECEIVER]=ERRORS[/DAYSd][/keep-on-open]: "mailbox_full@gmail=3/7d", "expired=never".
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "bounce/reason.h"

namespace todoku::audience {

/// hard: the address is dead (no such user, no such domain); mailbox: it may come back (full, disabled, refusing).
enum class ErrorKind : std::uint8_t { hard, mailbox };
using Cause = std::variant<ErrorKind, bounce::Reason>;
[[nodiscard]] std::string_view to_string(const Cause& cause);

struct StopRule {
  Cause cause;
  std::string receiver = {};  // a provider's name or a domain in A-labels; empty: all
  std::int64_t errors = 0;    // in a row; 0: never
  std::int64_t days = 0;      // from the first of the row to the last, at least
  bool reset_on_open = true;
  friend bool operator==(const StopRule&, const StopRule&) = default;
};

/// What a rule is for: "mailbox_full@gmail".
struct RuleTarget {
  Cause cause;
  std::string receiver;
  [[nodiscard]] bool is_of(const StopRule& rule) const { return rule.cause == cause && rule.receiver == receiver; }
};

/// Errors: `invalid` for what is not written like one, `refused` for a cause that is not the address's fault. Whether
/// the receiver is known is the caller's to check.
[[nodiscard]] base::Result<StopRule> read_rule(std::string_view text);
[[nodiscard]] base::Result<RuleTarget> read_rule_target(std::string_view text);
/// As read_rule() takes it.
[[nodiscard]] std::string rule_text(const StopRule& rule);

/// Whether errors of this cause may be held against the address.
[[nodiscard]] bool may_count(bounce::Reason reason);

/// Errors in a row that stop where no rule says otherwise; 0: never.
struct StopLimits {
  std::int64_t hard = 1;
  std::int64_t mailbox = 3;
};

/// Where a mail went.
struct Receiver {
  std::string_view domain;
  std::string_view provider;  // empty: not known
};

struct StopRules {
  StopLimits defaults = {};
  std::vector<StopRule> rules = {};
  std::int64_t version = 0;  // 0: the defaults alone

  /// The rule that decides; `errors` 0 where errors of this cause never count.
  [[nodiscard]] StopRule of(bounce::Reason reason, const Receiver& receiver = {}) const;
};

/// Puts a rule in the place of the one for the same cause and receiver, or adds it.
void set_rule(std::vector<StopRule>& rules, StopRule rule);
/// False where there is none.
bool remove_rule(std::vector<StopRule>& rules, const RuleTarget& target);

}  // namespace todoku::audience
