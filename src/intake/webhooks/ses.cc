#include "intake/webhooks/ses.h"

#include <array>

#include "base/ascii.h"
#include "intake/webhooks/json_reading.h"
#include "intake/webhooks/reading.h"

namespace todoku::intake::webhooks {
namespace {

namespace json = boost::json;
using bounce::Kind;
using bounce::Reason;

/// A notification's type, where its part and the recipients in it stand.
struct Part {
  std::string_view type, name, recipients;
  Kind kind;
};
constexpr auto kParts = std::to_array<Part>({
    {"Bounce", "bounce", "bouncedRecipients", Kind::bounce},
    {"Complaint", "complaint", "complainedRecipients", Kind::complaint},
    {"DeliveryDelay", "deliveryDelay", "delayedRecipients", Kind::delay},
});

/// bounceType/bounceSubType, delayType, complaintSubType.
constexpr auto kClaims = std::to_array<EventKind>({
    {"Permanent/General", Kind::bounce, Reason::user_unknown},
    {"Permanent/NoEmail", Kind::bounce, Reason::user_unknown},
    {"Permanent/Suppressed", Kind::bounce, Reason::provider_suppressed, true},
    {"Permanent/OnAccountSuppressionList", Kind::bounce, Reason::provider_suppressed, true},
    {"Permanent/UnsubscribedRecipient", Kind::bounce, Reason::provider_suppressed, true},
    {"Transient/MailboxFull", Kind::bounce, Reason::mailbox_full},
    {"Transient/MessageTooLarge", Kind::bounce, Reason::message_too_big},
    {"Transient/ContentRejected", Kind::bounce, Reason::content_rejected},
    {"Transient/AttachmentRejected", Kind::bounce, Reason::content_rejected},
    {"Transient/CustomTimeoutExceeded", Kind::bounce, Reason::expired},
    {"OnAccountSuppressionList", Kind::bounce, Reason::provider_suppressed, true},
    {"InternalFailure", Kind::delay, Reason::system_error},
    {"MailboxFull", Kind::delay, Reason::mailbox_full},
    {"SpamDetected", Kind::delay, Reason::spam_detected},
    {"RecipientServerError", Kind::delay, Reason::system_error},
    {"IPFailure", Kind::delay, Reason::blocked},
    {"TransientCommunicationFailure", Kind::delay, Reason::network_error},
    {"SendingDeferral", Kind::delay, Reason::rate_limited},
});

/// What SES puts into a mail that has no Message-ID: no word on whose mail it is.
constexpr std::string_view kOwnIds = ".amazonses.com";

const json::object kNone;

const json::object& object_or_none(const json::object& in, std::string_view name) {
  const json::object* found = object_in(in, name);
  return found == nullptr ? kNone : *found;
}

std::string header_in(const json::object& mail, std::string_view name) {
  for (const json::object* header : objects_in(mail, "headers")) {
    if (base::iequals(text_in(*header, "name"), name)) return text_in(*header, "value");
  }
  return {};
}

bounce::OriginalMail original_in(const json::object& mail) {
  const json::object& common = object_or_none(mail, "commonHeaders");
  const auto either = [&](std::string_view header, std::string_view field) {
    std::string text = header_in(mail, header);
    return text.empty() ? texts_in(common, field) : text;
  };
  std::string message_id = without_brackets(either("Message-ID", "messageId"));
  if (message_id.ends_with(kOwnIds)) message_id.clear();
  return {.message_id = std::move(message_id),
          .return_path = without_brackets(text_in(mail, "source")),
          .subject = either("Subject", "subject"),
          .from = either("From", "from"),
          .to = either("To", "to"),
          .date = either("Date", "date")};
}

/// "smtp; 550 5.1.1 …" → "550 5.1.1 …"; "dns; mx.example.jp" → "mx.example.jp"
std::string without_type(std::string text) {
  const std::size_t semicolon = text.find(';');
  constexpr std::size_t kLongestType = 10;
  if (semicolon == std::string::npos || semicolon > kLongestType) return text;
  return std::string(base::trim(std::string_view(text).substr(semicolon + 1)));
}

Claim claim_of(const json::object& part) {
  Claim claim;
  for (const char* name : {"bounceType", "bounceSubType", "delayType", "complaintSubType"}) {
    const std::string word = text_in(part, name);
    if (!word.empty()) claim.words += claim.words.empty() ? word : "/" + word;
  }
  if (const EventKind* known = find_kind(kClaims, claim.words)) {
    claim.reason = known->reason;
    claim.kept_back = known->kept_back;
  }
  return claim;
}

/// What SES names the event by, so that every repetition has the same.
std::string identity_of(const json::object& part, const json::object& mail, const std::string& type) {
  const std::string feedback = text_in(part, "feedbackId");
  return feedback.empty() ? text_in(mail, "messageId") + "/" + type + "/" + text_in(part, "timestamp") : feedback;
}

base::Result<std::vector<Event>> read_recipients(const Part& kind, const json::object& part, const json::object& mail,
                                                 base::Time at) {
  Event common;
  common.kind = kind.kind;
  common.claim = claim_of(part);
  // A complaint that SES made up of its own list: the mail was never sent.
  if (common.kind == Kind::complaint && common.claim.kept_back) common.kind = Kind::bounce;
  common.original = original_in(mail);
  common.at = time_in(part, "timestamp").value_or(at);
  const std::string identity = identity_of(part, mail, std::string(kind.type));
  std::vector<Event> events;
  for (const json::object* recipient : objects_in(part, kind.recipients)) {
    Event event = common;
    event.address = text_in(*recipient, "emailAddress");
    if (event.address.empty()) return lacks("emailAddress");
    event.identity = identity + "/" + event.address;
    event.reply = without_type(text_in(*recipient, "diagnosticCode"));
    event.status = text_in(*recipient, "status");
    events.push_back(std::move(event));
  }
  if (events.empty()) return lacks(kind.recipients);
  return events;
}

std::vector<std::string> addresses_in(const json::object& in, std::string_view name) {
  std::vector<std::string> addresses;
  const json::value* value = in.if_contains(name);
  if (value == nullptr || !value->is_array()) return addresses;
  for (const json::value& element : value->get_array()) {
    if (element.is_string() && addresses.size() < kMostEvents) addresses.emplace_back(element.get_string());
  }
  return addresses;
}

/// Delivery and Reject have addresses alone.
base::Result<std::vector<Event>> read_addresses(const Event& common, const std::string& identity,
                                                const std::vector<std::string>& addresses) {
  std::vector<Event> events;
  for (const std::string& address : addresses) {
    Event event = common;
    event.address = without_brackets(address);
    event.identity = identity + "/" + event.address;
    events.push_back(std::move(event));
  }
  if (events.empty()) return lacks("recipients");
  return events;
}

base::Result<std::vector<Event>> read_event(const json::object& object, base::Time at) {
  const std::string type = first_text_in(object, {"notificationType", "eventType"});
  if (type.empty()) return lacks("notificationType");
  const json::object& mail = object_or_none(object, "mail");
  for (const Part& part : kParts) {
    if (part.type == type) return read_recipients(part, object_or_none(object, part.name), mail, at);
  }
  Event event;
  event.original = original_in(mail);
  if (type == "Delivery") {
    const json::object& part = object_or_none(object, "delivery");
    event.kind = Kind::delivered;
    event.reply = text_in(part, "smtpResponse");
    event.at = time_in(part, "timestamp").value_or(at);
    return read_addresses(event, identity_of(part, mail, type), addresses_in(part, "recipients"));
  }
  if (type == "Reject") {  // SES found a virus
    event.kind = Kind::bounce;
    event.claim = {.reason = Reason::virus_detected, .words = "Reject", .kept_back = true};
    event.reply = text_in(object_or_none(object, "reject"), "reason");
    event.at = time_in(mail, "timestamp").value_or(at);
    return read_addresses(event, identity_of(kNone, mail, type), addresses_in(mail, "destination"));
  }
  return std::vector<Event>();
}

}  // namespace

base::Result<Reading> read_ses(std::string_view payload, base::Time at) { return read_each(payload, at, read_event); }

}  // namespace todoku::intake::webhooks
