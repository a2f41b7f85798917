// Posts of relays: whatever comes, each parser reads it or says why not, and what it reads is within its limits.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "bounce/rules.h"
#include "intake/webhooks/brevo.h"
#include "intake/webhooks/json_reading.h"
#include "intake/webhooks/mailgun.h"
#include "intake/webhooks/postmark.h"
#include "intake/webhooks/sendgrid.h"
#include "intake/webhooks/ses.h"
#include "intake/webhooks/sns.h"
#include "intake/webhooks/sparkpost.h"

namespace {

using namespace todoku;
using namespace todoku::intake::webhooks;

constexpr std::size_t kDiagnosticLimit = 4096;
const base::Time kNow = base::from_stored(1'795'521'600'000);

void check(const intake::RelayWord& word) {
  if (word.diagnosis.diagnostic.size() > kDiagnosticLimit || word.diagnosis.address.find('\0') != std::string::npos ||
      word.at > kNow + std::chrono::days(1) || word.content.empty() || word.kind == bounce::Kind::other) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto rules = std::move(bounce::Rules::load()).value();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto reader : {read_ses, read_sendgrid, read_mailgun, read_postmark, read_sparkpost, read_brevo}) {
    auto reading = reader(text, kNow);
    if (!reading) continue;
    if (reading->events.size() + reading->unread.size() > kMostEvents + size) std::abort();
    bounce::Verdicts verdicts(*rules);
    for (Event& event : reading->events) check(word_of(verdicts, "relay", std::move(event)));
  }
  if (const auto message = parse_sns(text)) {
    if (signed_text(*message).find("TopicArn\n") == std::string::npos) std::abort();
    if (is_certificate_url(message->certificate_url) &&
        message->certificate_url.find("amazonaws.com") == std::string::npos)
      std::abort();
  }
  (void)parse_time(text);
  return 0;
}
