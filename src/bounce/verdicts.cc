#include "bounce/verdicts.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "bounce/address_scan.h"
#include "bounce/cues.h"
#include "bounce/explanation.h"
#include "bounce/reply_scan.h"

namespace todoku::bounce {
namespace {

constexpr std::size_t kDiagnosticLimit = 4096;
/// A text below this says nothing: a delivery program's "1".
constexpr std::size_t kShortestText = 4;
constexpr std::size_t kQuoteLimit = 500;
constexpr std::size_t kShortestEcho = 12;

/// The score from which a text's plain meaning speaks (rules.h); below are codes, statuses and vague words.
constexpr int kPlainWords = 60;
constexpr int kVagueWords = 30;

bool filler_status(const smtp::EnhancedStatus& status) { return status.subject == 0 && status.detail == 0; }

/// What a reporter adds behind the server's words and is none of them.
constexpr std::string_view kTrailers[] = {" Giving up on ",
                                          " I'm not going to try again",
                                          " (in reply to ",
                                          "This has been a permanent failure",
                                          ": retry timeout exceeded",
                                          " 554 5.0.0 Service unavailable",
                                          " (Authoritative answer from name server)",
                                          " [RCPT_TO]",
                                          " [MAIL_FROM]"};

std::string without_trailer(std::string words) {
  for (const std::string_view trailer : kTrailers) {
    if (const std::size_t at = words.find(trailer); at != std::string::npos && at > 0) words.resize(at);
  }
  return words;
}

/// A reply once: a transcript has it after its summary again, and the end of the one and the begin of the other say
/// nothing together ("… rejected) mx.example: recipient …").
std::string without_echo(std::string text, std::string_view reply) {
  if (reply.size() < kShortestEcho) return text;
  const std::size_t first = text.find(reply);
  if (first == std::string::npos) return text;
  for (std::size_t at = text.find(reply, first + 1); at != std::string::npos; at = text.find(reply, at))
    text.erase(at, reply.size());
  return text;
}

/// Whether a server's reply has a word beside code and status.
bool has_words(std::string_view reply) {
  return std::ranges::any_of(reply,
                             [](char c) { return base::ascii_alpha(c) || static_cast<unsigned char>(c) >= 0x80; });
}

/// qmail does, before a mail was named: "connected to 192.0.2.1 but my name was rejected".
bool tells_what_was_refused(std::span<const CueHit> cues) {
  return std::ranges::any_of(cues, [](const CueHit& cue) {
    return cue.cue == Cue::stage && cue.format == "qmail" && cue.stage < smtp::Stage::mail;
  });
}

/// A reply in brackets behind the reporter's own words for it: "exceeded mailbox size (552 MI:MBQ)".
bool ends_a_sentence(std::string_view raw, const ReplyFacts& facts) {
  return facts.begin > 0 && facts.begin < raw.size() && raw[facts.begin - 1] == '(';
}

std::string without_frame(std::string text, std::span<const CueHit> cues) {
  for (const CueHit& cue : cues) {
    if (cue.cue == Cue::frame) std::fill(text.begin() + cue.begin, text.begin() + cue.end, ' ');
  }
  return text;
}

void take_facts(Diagnosis& diagnosis, const ReplyFacts& facts) {
  if (!diagnosis.reply_code) diagnosis.reply_code = facts.code;
  if (facts.status && (!diagnosis.status || filler_status(*diagnosis.status))) diagnosis.status = facts.status;
  if (diagnosis.stage == smtp::Stage::none) diagnosis.stage = facts.stage;
  if (diagnosis.remote_mta.empty()) diagnosis.remote_mta = facts.host;
}

void take_verdict(Diagnosis& diagnosis, Verdict verdict) {
  diagnosis.reason = verdict.reason;
  diagnosis.other_reason = verdict.other_reason;
  diagnosis.words_unread = verdict.words_unread;
  if (!verdict.provider.empty()) diagnosis.provider = std::move(verdict.provider);
  diagnosis.evidence = std::move(verdict.evidence);
}

bool says(const Diagnosis& diagnosis, std::string_view words) {
  return !diagnosis.evidence.empty() &&
         base::ascii_lower(diagnosis.evidence.front().quote).find(words) != std::string::npos;
}

/// What a reply means that a notice gives as its last word, after all retries.
void read_as_final(Diagnosis& diagnosis) {
  if (!diagnosis.permanent) return;
  // Nobody answered in time: the time for retries ran out in silence.
  const bool silence = says(diagnosis, "connection timed out") || says(diagnosis, "operation timed out");
  if (diagnosis.reason == Reason::network_error && silence) diagnosis.reason = Reason::expired;
}

}  // namespace

const Verdict& Verdicts::judge(const Observation& seen) {
  std::string key(seen.text);
  key += '\0';
  key += std::to_string(static_cast<int>(seen.stage)) + ' ' + std::to_string(seen.reply_code.value_or(0)) + ' ';
  if (seen.status) key += seen.status->to_string();
  key += ' ';
  key += seen.remote_mta;
  key += ' ';
  key += seen.recipient.substr(std::min(seen.recipient.rfind('@'), seen.recipient.size()));
  if (const auto same = std::ranges::find(known_, key, &Known::key); same != known_.end()) return same->verdict;
  Known fresh{std::move(key), rules_.judge(seen)};
  if (known_.size() < kRemembered) return known_.emplace_back(std::move(fresh)).verdict;
  Known& place = known_[oldest_];
  oldest_ = (oldest_ + 1) % kRemembered;
  return (place = std::move(fresh)).verdict;
}

Verdicts::Judged Verdicts::judge_text(const std::string& words, const ReplyFacts& facts, const Diagnosis& so_far) {
  Observation seen;
  seen.text = words;
  seen.stage = facts.stage != smtp::Stage::none ? facts.stage : so_far.stage;
  seen.reply_code = facts.code ? facts.code : so_far.reply_code;
  seen.status = facts.status ? facts.status : so_far.status;
  seen.generic_status = seen.status && filler_status(*seen.status);
  seen.recipient = so_far.address;
  seen.remote_mta = so_far.remote_mta;
  Judged judged{judge(seen), false};
  judged.plain = judged.verdict.score >= kPlainWords;
  return judged;
}

/// Takes the best verdict on the texts that is better than `best`; whether one of them was plain.
bool Verdicts::judge_all(Diagnosis& diagnosis, const std::vector<std::string>& raw_texts, int& best) {
  for (const std::string& raw : raw_texts) {
    if (raw.size() < kShortestText) continue;
    const auto cues = find_cues(raw);
    const ReplyFacts facts = scan_reply(raw, cues);
    take_facts(diagnosis, facts);
    // The server's own words; where they are unknown, what the reporter wrote around them: "host mx.example
    // [192.0.2.1]: 554 Denied" is of the mail, and nothing of a host.
    std::vector<std::string> texts;
    if (facts.code && facts.begin > 0) texts.push_back(joined_reply(servers_words(raw, facts.begin)));
    if (texts.empty() || !has_words(texts.front()) || tells_what_was_refused(cues) || ends_a_sentence(raw, facts))
      texts.push_back(joined_reply(without_frame(raw, cues)));
    if (diagnosis.diagnostic.empty()) diagnosis.diagnostic = joined_reply(raw).substr(0, kDiagnosticLimit);
    for (std::string& text : texts) {
      text = without_trailer(without_echo(text.substr(0, kDiagnosticLimit), diagnosis.diagnostic));
      Judged judged = judge_text(text, facts, diagnosis);
      // A gateway that gives up after all quotes the server that had taken the mail: "250 OK" is not why.
      if (diagnosis.permanent && judged.verdict.reason == Reason::delivered) continue;
      const int score = judged.verdict.score;
      if (score > best) {
        best = score;
        take_verdict(diagnosis, std::move(judged.verdict));
        if (judged.plain) return true;
      }
      if (score >= kVagueWords) break;
    }
  }
  return false;
}

Diagnosis Verdicts::diagnose(Finding finding) {
  Diagnosis diagnosis;
  diagnosis.address = unquoted_address(std::move(finding.address));
  diagnosis.original_recipient = std::move(finding.original_recipient);
  diagnosis.status = finding.status;
  diagnosis.remote_mta = std::move(finding.remote_mta);
  diagnosis.permanent = finding.action == Action::failed;
  diagnosis.stage = finding.stage;
  int best = -1;
  if (!judge_all(diagnosis, finding.texts, best) && finding.wider) judge_all(diagnosis, finding.wider(), best);
  if (best < 0) take_verdict(diagnosis, judge_text("", {}, diagnosis).verdict);
  if (diagnosis.evidence.empty() && !diagnosis.diagnostic.empty()) {
    diagnosis.evidence.push_back({"", diagnosis.diagnostic.substr(0, kQuoteLimit)});
  }
  read_as_final(diagnosis);
  settle(diagnosis);
  if (!finding.sure && diagnosis.effect == Effect::hard) diagnosis.effect = Effect::soft;
  return diagnosis;
}

Diagnosis plain_diagnosis(std::string address, Reason reason) {
  Diagnosis diagnosis;
  diagnosis.address = unquoted_address(std::move(address));
  diagnosis.reason = reason;
  diagnosis.effect = effect_of(reason);
  diagnosis.who_acts = party_of(reason);
  return diagnosis;
}

}  // namespace todoku::bounce
