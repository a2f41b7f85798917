#include "bounce/verdicts.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "bounce/cues.h"
#include "bounce/explanation.h"
#include "bounce/reply_scan.h"

namespace todoku::bounce {
namespace {

constexpr std::size_t kDiagnosticLimit = 4096;
constexpr std::size_t kQuoteLimit = 500;

/// Whether a rule was moved by words, not by a bare code or status.
bool in_words(const Verdict& verdict) {
  if (verdict.reason == Reason::unknown || verdict.evidence.empty()) return false;
  const std::string& rule = verdict.evidence.front().rule;
  return !base::istarts_with(rule, "status") && !base::istarts_with(rule, "code");
}

bool filler_status(const smtp::EnhancedStatus& status) { return status.subject == 0 && status.detail == 0; }

struct Text {
  std::string words;  // one line
  ReplyFacts facts;
  std::string host;
};

Text read_text(const std::string& raw) {
  Text text;
  text.facts = scan_reply(raw, find_cues(raw));
  text.host = text.facts.host;
  text.words = joined_reply(raw).substr(0, kDiagnosticLimit);
  return text;
}

void take_facts(Diagnosis& diagnosis, const Text& text) {
  if (!diagnosis.reply_code) diagnosis.reply_code = text.facts.code;
  if (text.facts.status && (!diagnosis.status || filler_status(*diagnosis.status)))
    diagnosis.status = text.facts.status;
  if (diagnosis.stage == smtp::Stage::none) diagnosis.stage = text.facts.stage;
  if (diagnosis.remote_mta.empty()) diagnosis.remote_mta = text.host;
}

void take_verdict(Diagnosis& diagnosis, Verdict verdict) {
  diagnosis.reason = verdict.reason;
  diagnosis.other_reason = verdict.other_reason;
  if (!verdict.provider.empty()) diagnosis.provider = std::move(verdict.provider);
  diagnosis.evidence = std::move(verdict.evidence);
}

}  // namespace

Verdict Verdicts::judge(const Observation& seen) {
  std::string key(seen.text);
  key += '\0';
  key += std::to_string(static_cast<int>(seen.stage)) + ' ' + std::to_string(seen.reply_code.value_or(0)) + ' ';
  if (seen.status) key += seen.status->to_string();
  key += ' ';
  key += seen.remote_mta;
  key += ' ';
  key += seen.recipient.substr(std::min(seen.recipient.rfind('@'), seen.recipient.size()));
  if (key != last_key_) {
    last_ = rules_.judge(seen);
    last_key_ = std::move(key);
  }
  return last_;
}

Diagnosis Verdicts::diagnose(Finding finding) {
  Diagnosis diagnosis;
  diagnosis.address = std::move(finding.address);
  diagnosis.status = finding.status;
  diagnosis.remote_mta = std::move(finding.remote_mta);
  diagnosis.permanent = finding.action == Action::failed;
  if (finding.texts.empty()) finding.texts.emplace_back();
  bool judged = false;
  for (const std::string& raw : finding.texts) {
    if (raw.empty() && finding.texts.size() > 1) continue;
    const Text text = read_text(raw);
    if (!judged || in_words({diagnosis.reason, {}, {}, diagnosis.evidence})) take_facts(diagnosis, text);
    Observation seen;
    seen.text = text.words;
    seen.stage = text.facts.stage;
    seen.reply_code = text.facts.code;
    seen.status = text.facts.status ? text.facts.status : finding.status;
    seen.generic_status = seen.status && filler_status(*seen.status);
    seen.recipient = diagnosis.address;
    seen.remote_mta = diagnosis.remote_mta;
    Verdict verdict = judge(seen);
    const bool decided = in_words(verdict);
    if (decided || (diagnosis.reason == Reason::unknown && verdict.reason != Reason::unknown)) {
      take_verdict(diagnosis, std::move(verdict));
      take_facts(diagnosis, text);
      diagnosis.diagnostic = text.words;
    } else if (diagnosis.diagnostic.empty()) {
      diagnosis.diagnostic = text.words;
    }
    judged = true;
    if (decided) break;
  }
  if (diagnosis.evidence.empty() && !diagnosis.diagnostic.empty()) {
    diagnosis.evidence.push_back({"", diagnosis.diagnostic.substr(0, kQuoteLimit)});
  }
  settle(diagnosis);
  return diagnosis;
}

Diagnosis plain_diagnosis(std::string address, Reason reason) {
  Diagnosis diagnosis;
  diagnosis.address = std::move(address);
  diagnosis.reason = reason;
  diagnosis.effect = effect_of(reason);
  diagnosis.who_acts = party_of(reason);
  return diagnosis;
}

}  // namespace todoku::bounce
