// Texts of mail servers → reason, by the rules in data/rules and data/providers plus the operator's own.
//
// Pure: no I/O after loading. All phrases of all rules are searched at once (rule_phrases.h), so the time is linear in
// the text whatever the number of rules. Thread-safe once loaded.
//
// How a verdict is found. Every rule whose conditions hold (words, reply code, enhanced status, stage, provider; see
// provider/reply_rule.h) speaks for its reason with its weight:
//
//   90  the words name one cause and cannot mean another ("listed at zen.spamhaus.org", "SPF check failed")
//   70  the words' plain meaning (the default of a rule with words)
//   50  an enhanced status that is specific, such as 5.1.1 or 5.2.2 (the default of a rule without words)
//   40  vague words ("rejected", "access denied")
//   20  a generic status, such as 5.7.1
//   10  a reply code and the stage of the session
//
// A reason's score is its best rule's weight, plus 8 where a rule of words and a specific status (weight 40 at least)
// agree on it, plus 4 where the rule is of the very provider that answered, plus 10 where the words stand in the
// server's reply itself and not in what the reporter wrote before it ("host x said: 550 …"). The highest score wins;
// between equals the one whose words were more (in bytes found), then the rule's id. So no order of files or rules
// matters, a plain text outweighs a generic status, and a specific status outweighs a vague text. A status that the
// reporter filled in (generic_status, or x.0.0) says nothing. Before RCPT a server cannot mean a recipient, so rules
// whose reason is of an address do not hold there.
#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bounce/diagnosis.h"
#include "bounce/reason.h"
#include "smtp/reply.h"

namespace todoku::bounce {

/// Everything that is known about one failure before a verdict. Views live as long as the call.
struct Observation {
  std::string_view text;  // the server's words, code and status included or not
  smtp::Stage stage = smtp::Stage::none;
  std::optional<int> reply_code = std::nullopt;
  std::optional<smtp::EnhancedStatus> status = std::nullopt;
  std::string_view recipient = {};   // address, for providers that are known by the domain
  std::string_view remote_mta = {};  // host that answered, for providers that are known by their MX
  bool generic_status = false;       // the status is the reporter's own filler (5.0.0), not the server's
};

struct Verdict {
  Reason reason = Reason::unknown;
  std::optional<Reason> other_reason;
  std::string provider;            // name in data/providers, or empty
  std::vector<Evidence> evidence;  // decisive first
  int score = 0;                   // of the reason, as above; 0 where nothing fits
  bool words_unread = false;       // as in Diagnosis
};

/// One rule that speaks for a reason, for those who want to know why (todoku rules test).
struct Candidate {
  Reason reason = Reason::unknown;
  std::optional<Reason> other_reason;
  std::string rule;
  std::string quote;  // as in Evidence; empty for a rule without words
  std::string words;  // what was found of the rule's phrase, as rule_text.h writes it
  int score = 0;
  std::size_t letters = 0;
};

class Rules {
 public:
  /// The rules in the binary, and those of the operator's folder (*.toml) where given.
  /// Errors name file, rule and what is wrong with it.
  [[nodiscard]] static base::Result<std::unique_ptr<Rules>> load(const std::filesystem::path& own = {});
  virtual ~Rules() = default;

  /// Weighs text, status, code, stage and provider together; never fails: Reason::unknown where nothing fits.
  [[nodiscard]] virtual Verdict judge(const Observation& seen) const = 0;

  /// All rules that hold, the winner first. Empty where none does.
  [[nodiscard]] virtual std::vector<Candidate> weigh(const Observation& seen) const = 0;

  /// How many rules there are, and about how many bytes their search takes.
  [[nodiscard]] virtual std::size_t size() const = 0;
  [[nodiscard]] virtual std::size_t bytes() const = 0;
};

/// Sets effect and who_acts from reason, permanent and what confirms it. Hard is only what the server will not try
/// again and what more than words confirms: a status 5.1.x or 5.4.x, a 5xx at RCPT, a 551, or for a domain the lack of
/// any reply. "User unknown" without such is what filters answer with, too (mobile carriers' refusals, refusals after
/// DATA); it is soft: counted, and stopped when it comes again. So is what has a likely second cause that is not the
/// address's fault, and a status beside a sentence that nobody read: servers send 5.1.1 for whatever stops a recipient.
void settle(Diagnosis& diagnosis);

/// A diagnosis of an SMTP reply of our own session: judge() plus settle().
[[nodiscard]] Diagnosis diagnose(const Rules& rules, const smtp::Reply& reply, smtp::Stage stage,
                                 std::string_view recipient, std::string_view host);

}  // namespace todoku::bounce
