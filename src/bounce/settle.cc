// From a verdict to a diagnosis: what its reason does to the address, and whether that is sure enough.
#include <utility>

#include "bounce/explanation.h"
#include "bounce/rules.h"

namespace todoku::bounce {
namespace {

constexpr std::size_t kDiagnosticLimit = 4096;

/// Whether more than words says that the address is dead, for words alone are also what filters answer with.
bool confirmed(const Diagnosis& d) {
  const bool before_rcpt = d.stage != smtp::Stage::none && d.stage < smtp::Stage::rcpt;
  if (d.reply_code && before_rcpt) return false;  // no recipient was named yet
  if (d.words_unread || (d.other_reason && effect_of(*d.other_reason) != Effect::hard)) return false;
  // 1.7 and 1.8 are of the sender's address (RFC 3463, 3.2).
  const bool of_sender = d.status && d.status->subject == 1 && (d.status->detail == 7 || d.status->detail == 8);
  if (of_sender) return false;
  if (d.status && d.status->klass == 5 && (d.status->subject == 1 || d.status->subject == 4)) return true;
  if (d.reply_code == 551 || (d.stage == smtp::Stage::rcpt && d.reply_code.value_or(0) / 100 == 5)) return true;
  // That a domain is not there is found in the DNS, by no reply.
  return !d.reply_code && (d.reason == Reason::host_unknown || d.reason == Reason::no_mail_accepted);
}

/// The reply's lines as they came: at the beginning of a line a repeated status is none of the words ("a policy that /
/// 5.7.1 prohibited the mail").
std::string lines_of(const smtp::Reply& reply) {
  std::string out;
  for (const std::string& line : reply.lines) {
    if (!out.empty()) out += '\n';
    out += line;
  }
  return out.substr(0, kDiagnosticLimit);
}

}  // namespace

void settle(Diagnosis& diagnosis) {
  diagnosis.effect = effect_of(diagnosis.reason);
  diagnosis.who_acts = party_of(diagnosis.reason);
  if (diagnosis.effect == Effect::hard && (!diagnosis.permanent || !confirmed(diagnosis)))
    diagnosis.effect = Effect::soft;
}

Diagnosis diagnose(const Rules& rules, const smtp::Reply& reply, smtp::Stage stage, std::string_view recipient,
                   std::string_view host) {
  Diagnosis diagnosis;
  diagnosis.address = recipient;
  diagnosis.permanent = reply.permanent();
  diagnosis.status = reply.status;
  if (reply.code != 0) diagnosis.reply_code = reply.code;
  diagnosis.stage = stage;
  diagnosis.diagnostic = reply.text().substr(0, kDiagnosticLimit);
  diagnosis.remote_mta = host;
  if (reply.positive()) {
    diagnosis.reason = Reason::delivered;
    settle(diagnosis);
    return diagnosis;
  }
  const std::string text = lines_of(reply);
  Verdict verdict = rules.judge({.text = text,
                                 .stage = stage,
                                 .reply_code = diagnosis.reply_code,
                                 .status = reply.status,
                                 .recipient = recipient,
                                 .remote_mta = host});
  diagnosis.reason = verdict.reason;
  diagnosis.other_reason = verdict.other_reason;
  diagnosis.words_unread = verdict.words_unread;
  diagnosis.provider = std::move(verdict.provider);
  diagnosis.evidence = std::move(verdict.evidence);
  settle(diagnosis);
  return diagnosis;
}

}  // namespace todoku::bounce
