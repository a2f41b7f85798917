#include "intake/webhooks/postmark.h"

#include <array>

#include "intake/webhooks/json_reading.h"
#include "intake/webhooks/reading.h"

namespace todoku::intake::webhooks {
namespace {

using bounce::Kind;
using bounce::Reason;

/// "Type" of a record of type Bounce or SpamComplaint; those left out say nothing of a mail of ours.
constexpr auto kBounces = std::to_array<EventKind>({
    {"HardBounce", Kind::bounce, Reason::user_unknown},
    {"SoftBounce", Kind::bounce},
    {"Transient", Kind::delay},
    {"DnsError", Kind::bounce, Reason::host_unknown},
    {"SpamNotification", Kind::bounce, Reason::spam_detected},
    {"VirusNotification", Kind::bounce, Reason::virus_detected},
    {"Blocked", Kind::bounce, Reason::blocked},
    {"DMARCPolicy", Kind::bounce, Reason::authentication_failed},
    {"Undeliverable", Kind::bounce},
    {"Unknown", Kind::bounce},
    {"BadEmailAddress", Kind::bounce, Reason::user_unknown, true},
    {"ManuallyDeactivated", Kind::bounce, Reason::provider_suppressed, true},
    {"SMTPApiError", Kind::bounce, Reason::protocol_error, true},
    {"SpamComplaint", Kind::complaint},
    {"AutoResponder", Kind::auto_reply},
    {"ChallengeVerification", Kind::auto_reply},
    {"AddressChange", Kind::auto_reply},
});

base::Result<std::vector<Event>> read_bounce(const boost::json::object& object, base::Time at) {
  const std::string type = text_in(object, "Type");
  const EventKind* kind = find_kind(kBounces, type);
  if (kind == nullptr) return type.empty() ? base::Result<std::vector<Event>>(lacks("Type")) : std::vector<Event>();
  Event event = event_of(*kind, type);
  event.address = text_in(object, "Email");
  if (event.address.empty()) return lacks("Email");
  if (const std::string id = text_in(object, "ID"); !id.empty()) event.identity = "bounce/" + id;
  event.reply = first_text_in(object, {"Details", "Description"});
  event.at = time_in(object, "BouncedAt").value_or(at);
  return std::vector{std::move(event)};
}

base::Result<std::vector<Event>> read_delivery(const boost::json::object& object, base::Time at) {
  Event event;
  event.kind = Kind::delivered;
  event.address = text_in(object, "Recipient");
  if (event.address.empty()) return lacks("Recipient");
  event.identity = "delivery/" + text_in(object, "MessageID") + "/" + event.address;
  event.reply = text_in(object, "Details");
  event.at = time_in(object, "DeliveredAt").value_or(at);
  return std::vector{std::move(event)};
}

base::Result<std::vector<Event>> read_event(const boost::json::object& object, base::Time at) {
  const std::string record = text_in(object, "RecordType");
  // The oldest form of a bounce has no RecordType.
  const bool bounce = record == "Bounce" || record == "SpamComplaint" || (record.empty() && object.contains("Type"));
  if (record.empty() && !bounce) return lacks("RecordType");
  if (!bounce && record != "Delivery") return std::vector<Event>();
  auto events = bounce ? read_bounce(object, at) : read_delivery(object, at);
  if (!events) return events;
  for (Event& event : *events) {
    // MessageID is Postmark's own, not the mail's.
    event.original.from = text_in(object, "From");
    event.original.subject = text_in(object, "Subject");
  }
  return events;
}

}  // namespace

base::Result<Reading> read_postmark(std::string_view payload, base::Time at) {
  return read_each(payload, at, read_event);
}

}  // namespace todoku::intake::webhooks
