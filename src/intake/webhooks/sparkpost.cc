#include "intake/webhooks/sparkpost.h"

#include <array>

#include "intake/webhooks/json_reading.h"
#include "intake/webhooks/reading.h"

namespace todoku::intake::webhooks {
namespace {

using bounce::Kind;
using bounce::Reason;

constexpr auto kKinds = std::to_array<EventKind>({
    {"bounce", Kind::bounce},
    {"out_of_band", Kind::bounce},
    {"delay", Kind::delay},
    {"delivery", Kind::delivered},
    {"spam_complaint", Kind::complaint},
    {"policy_rejection", Kind::bounce, Reason::policy_violation, true},
    {"generation_rejection", Kind::bounce, Reason::policy_violation, true},
});

/// "bounce_class".
constexpr auto kClasses = std::to_array<EventKind>({
    {"10", Kind::bounce, Reason::user_unknown},
    {"21", Kind::bounce, Reason::host_unknown},
    {"22", Kind::bounce, Reason::mailbox_full},
    {"23", Kind::bounce, Reason::message_too_big},
    {"24", Kind::bounce, Reason::expired},
    {"25", Kind::bounce, Reason::provider_suppressed, true},
    {"26", Kind::bounce, Reason::provider_suppressed, true},
    {"30", Kind::bounce, Reason::user_unknown},
    {"50", Kind::bounce, Reason::blocked},
    {"51", Kind::bounce, Reason::blocked},
    {"52", Kind::bounce, Reason::spam_detected},
    {"53", Kind::bounce, Reason::content_rejected},
    {"54", Kind::bounce, Reason::relay_denied},
    {"60", Kind::auto_reply},
    {"100", Kind::auto_reply},
});

void add_class(const boost::json::object& object, Event& event) {
  const std::string bounce_class = text_in(object, "bounce_class");
  event.claim.words += "/" + bounce_class;
  const EventKind* claimed = find_kind(kClasses, bounce_class);
  if (claimed == nullptr) return;
  event.claim.reason = claimed->reason;
  event.claim.kept_back = claimed->kept_back || event.claim.kept_back;
  if (event.kind == Kind::bounce) event.kind = claimed->kind;
}

base::Result<std::vector<Event>> read_message_event(const boost::json::object& object, base::Time at) {
  const std::string word = text_in(object, "type");
  if (word.empty()) return lacks("type");
  const EventKind* kind = find_kind(kKinds, word);
  if (kind == nullptr) return std::vector<Event>();
  Event event = event_of(*kind, word);
  event.address = first_text_in(object, {"raw_rcpt_to", "rcpt_to"});
  if (event.address.empty()) return lacks("rcpt_to");
  event.identity = text_in(object, "event_id");
  event.reply = reply_of(text_in(object, "error_code"), first_text_in(object, {"raw_reason", "reason"}));
  event.original = {.message_id = {},  // "message_id" is SparkPost's own
                    .return_path = text_in(object, "msg_from"),
                    .subject = text_in(object, "subject"),
                    .from = text_in(object, "friendly_from"),
                    .to = {},
                    .date = {}};
  event.at = time_in(object, "timestamp").value_or(at);
  if (word != "delivery" && word != "spam_complaint") add_class(object, event);
  return std::vector{std::move(event)};
}

/// {"msys": {"message_event": {…}}}; a test has an empty one.
base::Result<std::vector<Event>> read_event(const boost::json::object& object, base::Time at) {
  const boost::json::object* system = object_in(object, "msys");
  if (system == nullptr) return lacks("msys");
  for (const char* name : {"message_event", "gen_event"}) {
    if (const boost::json::object* event = object_in(*system, name)) return read_message_event(*event, at);
  }
  return std::vector<Event>();
}

}  // namespace

base::Result<Reading> read_sparkpost(std::string_view payload, base::Time at) {
  return read_each(payload, at, read_event);
}

}  // namespace todoku::intake::webhooks
