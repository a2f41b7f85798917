#include "intake/webhooks/event.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "bounce/rules.h"

namespace todoku::intake::webhooks {
namespace {

using bounce::Diagnosis;
using bounce::Kind;
using bounce::Reason;

constexpr std::size_t kDiagnosticLimit = 4096;
constexpr std::size_t kQuoteLimit = 500;
constexpr std::size_t kCodeLength = 3;

bool failure(Kind kind) { return kind == Kind::bounce || kind == Kind::delay; }

std::string_view cut(std::string_view text, std::size_t most) {
  std::size_t end = std::min(text.size(), most);
  while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end);
}

Reason plain_reason(const Event& event) {
  switch (event.kind) {
    case Kind::delivered:
      return Reason::delivered;
    case Kind::complaint:
      return Reason::complaint;
    case Kind::auto_reply:
      return Reason::auto_reply;
    default:
      return event.claim.reason;
  }
}

Diagnosis plain(const Event& event) {
  Diagnosis diagnosis = bounce::plain_diagnosis(event.address, plain_reason(event));
  diagnosis.permanent = event.kind == Kind::bounce;
  diagnosis.diagnostic = cut(event.reply, kDiagnosticLimit);
  diagnosis.remote_mta = event.remote_mta;
  return diagnosis;
}

void add_claim(Diagnosis& diagnosis, std::string_view relay, const Claim& claim) {
  if (!claim.words.empty()) {
    diagnosis.evidence.push_back({std::string(relay), std::string(cut(claim.words, kQuoteLimit))});
  }
}

/// The server has refused for good, whatever the relay means to try.
bool final_words(const Diagnosis& diagnosis) {
  if (diagnosis.reply_code) return *diagnosis.reply_code >= 500;
  return diagnosis.status && diagnosis.status->klass == 5;
}

Diagnosis judged(bounce::Verdicts& verdicts, const Event& event) {
  bounce::Finding finding;
  finding.address = event.address;
  if (!event.reply.empty()) finding.texts.push_back(event.reply);
  finding.status = smtp::EnhancedStatus::parse(event.status);
  finding.remote_mta = event.remote_mta;
  finding.action = event.kind == Kind::bounce ? bounce::Action::failed : bounce::Action::delayed;
  return verdicts.diagnose(std::move(finding));
}

}  // namespace

RelayWord word_of(bounce::Verdicts& verdicts, std::string_view relay, Event event) {
  Diagnosis diagnosis;
  if (!failure(event.kind) || event.claim.kept_back) {
    diagnosis = plain(event);
    if (failure(event.kind)) add_claim(diagnosis, relay, event.claim);
  } else {
    diagnosis = judged(verdicts, event);
    if (event.kind == Kind::delay && final_words(diagnosis)) {
      event.kind = Kind::bounce;
      diagnosis = judged(verdicts, event);
    }
    if (diagnosis.reason == Reason::unknown && event.claim.reason != Reason::unknown) {
      diagnosis.reason = event.claim.reason;
      diagnosis.evidence.clear();
      add_claim(diagnosis, relay, event.claim);
      bounce::settle(diagnosis);
    }
  }
  return {.place = std::string(relay),
          .identity = std::move(event.identity),
          .kind = event.kind,
          .diagnosis = std::move(diagnosis),
          .original = std::move(event.original),
          .content = std::move(event.content),
          .at = event.at};
}

std::string reply_of(std::string_view code, std::string text) {
  const bool reply_code = code.size() == kCodeLength && (code[0] == '4' || code[0] == '5') &&
                          std::ranges::all_of(code, base::ascii_digit) && code[1] <= '5';
  if (!reply_code || base::trim(text).starts_with(code)) return text;
  return text.empty() ? std::string(code) : std::string(code) + " " + text;
}

}  // namespace todoku::intake::webhooks
