#include "intake/webhooks/sendgrid.h"

#include <array>

#include "authentication/message_proof.h"
#include "intake/webhooks/json_reading.h"
#include "intake/webhooks/reading.h"
#include "smtp/sasl.h"

namespace todoku::intake::webhooks {
namespace {

using base::Error;
using base::ErrorCode;
using bounce::Kind;
using bounce::Reason;

constexpr auto kKinds = std::to_array<EventKind>({
    {"bounce", Kind::bounce},
    {"dropped", Kind::bounce},
    {"deferred", Kind::delay},
    {"delivered", Kind::delivered},
    {"spamreport", Kind::complaint},
});

/// Why SendGrid did not try ("reason" of "dropped").
constexpr auto kDropped = std::to_array<EventKind>({
    {"Bounced Address", Kind::bounce, Reason::provider_suppressed, true},
    {"Unsubscribed Address", Kind::bounce, Reason::provider_suppressed, true},
    {"Spam Reporting Address", Kind::bounce, Reason::provider_suppressed, true},
    {"Invalid", Kind::bounce, Reason::user_unknown, true},
    {"Spam Content", Kind::bounce, Reason::spam_detected, true},
    {"Spam Content (if Spam Checker app enabled)", Kind::bounce, Reason::spam_detected, true},
    {"Recipient List over Package Quota", Kind::bounce, Reason::rate_limited, true},
});

/// "bounce_classification" and "type" of "bounce" and "deferred".
constexpr auto kClasses = std::to_array<EventKind>({
    {"Invalid Address", Kind::bounce, Reason::user_unknown},
    {"Content", Kind::bounce, Reason::content_rejected},
    {"Reputation", Kind::bounce, Reason::bad_reputation},
    {"Frequency or Volume Too High", Kind::bounce, Reason::rate_limited},
    {"Technical Failure", Kind::bounce, Reason::system_error},
    {"blocked", Kind::bounce, Reason::blocked},
});

void add_claim(const boost::json::object& object, std::string_view event_word, Event& event) {
  if (event_word == "dropped") {
    event.claim.words = "dropped/" + event.reply;
    if (const EventKind* dropped = find_kind(kDropped, event.reply)) {
      event.claim.reason = dropped->reason;
      event.claim.kept_back = true;
    }
    return;
  }
  for (const std::string& word : {text_in(object, "bounce_classification"), text_in(object, "type")}) {
    if (word.empty()) continue;
    if (event.claim.words.empty()) event.claim.words = word;
    const EventKind* claimed = find_kind(kClasses, word);
    if (claimed != nullptr && event.claim.reason == Reason::unknown) event.claim.reason = claimed->reason;
  }
}

base::Result<std::vector<Event>> read_event(const boost::json::object& object, base::Time at) {
  std::string word = text_in(object, "event");
  if (word.empty() && object.contains("created")) word = "bounce";
  if (word.empty()) return lacks("event");
  const EventKind* kind = find_kind(kKinds, word);
  if (kind == nullptr) return std::vector<Event>();
  Event event = event_of(*kind, "");
  event.address = text_in(object, "email");
  if (event.address.empty()) return lacks("email");
  event.identity = text_in(object, "sg_event_id");
  event.reply = first_text_in(object, {"reason", "response"});
  event.status = text_in(object, "status");
  event.original.message_id = without_brackets(text_in(object, "smtp-id"));
  event.at = time_in(object, "timestamp").value_or(time_in(object, "created").value_or(at));
  add_claim(object, word, event);
  return std::vector{std::move(event)};
}

}  // namespace

base::Result<void> verify_sendgrid(std::string_view key, const Post& post) {
  const std::string_view signature = post.field("X-Twilio-Email-Event-Webhook-Signature");
  const std::string timestamp(post.field("X-Twilio-Email-Event-Webhook-Timestamp"));
  if (signature.empty() || timestamp.empty()) {
    return Error{ErrorCode::refused, "it is not signed", "turn on \"Signed Event Webhook\" at SendGrid", ""};
  }
  const std::string text = timestamp + std::string(post.body);
  if (!authentication::p256_signed(key, text, smtp::from_base64(signature).value_or(""))) {
    return Error{ErrorCode::refused, "the signature does not fit the message",
                 "compare webhooks.sendgrid_key with SendGrid's verification key", ""};
  }
  return check_age(timestamp, post.at);
}

base::Result<Reading> read_sendgrid(std::string_view payload, base::Time at) {
  return read_each(payload, at, read_event);
}

}  // namespace todoku::intake::webhooks
