#include "intake/webhooks/brevo.h"

#include <array>

#include "intake/webhooks/json_reading.h"
#include "intake/webhooks/reading.h"

namespace todoku::intake::webhooks {
namespace {

using bounce::Kind;
using bounce::Reason;

/// "event", in the two ways in which Brevo writes them.
constexpr auto kKinds = std::to_array<EventKind>({
    {"hard_bounce", Kind::bounce, Reason::user_unknown},
    {"hardBounce", Kind::bounce, Reason::user_unknown},
    {"soft_bounce", Kind::bounce},
    {"softBounce", Kind::bounce},
    {"error", Kind::bounce},
    {"blocked", Kind::bounce, Reason::provider_suppressed, true},
    {"invalid_email", Kind::bounce, Reason::user_unknown, true},
    {"invalid", Kind::bounce, Reason::user_unknown, true},
    {"deferred", Kind::delay},
    {"delivered", Kind::delivered},
    {"spam", Kind::complaint},
    {"complaint", Kind::complaint},
});

base::Result<std::vector<Event>> read_event(const boost::json::object& object, base::Time at) {
  const std::string word = text_in(object, "event");
  if (word.empty()) return lacks("event");
  const EventKind* kind = find_kind(kKinds, word);
  if (kind == nullptr) return std::vector<Event>();
  Event event = event_of(*kind, word);
  event.address = text_in(object, "email");
  if (event.address.empty()) return lacks("email");
  event.reply = text_in(object, "reason");
  event.original.message_id = without_brackets(text_in(object, "message-id"));
  event.original.subject = text_in(object, "subject");
  event.original.from = text_in(object, "sender_email");
  event.at = time_in(object, "ts_event").value_or(time_in(object, "ts").value_or(at));
  // "id" is the webhook's, not the event's.
  if (!event.original.message_id.empty()) {
    event.identity = event.original.message_id + "/" + event.address + "/" + word + "/" + text_in(object, "ts_event");
  }
  return std::vector{std::move(event)};
}

}  // namespace

base::Result<Reading> read_brevo(std::string_view payload, base::Time at) { return read_each(payload, at, read_event); }

}  // namespace todoku::intake::webhooks
