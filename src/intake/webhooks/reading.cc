#include "intake/webhooks/reading.h"

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "intake/webhooks/json_reading.h"

namespace todoku::intake::webhooks {
namespace {

namespace json = boost::json;
using base::Error;
using base::ErrorCode;

/// What a relay says of an event's time is believed within reason.
base::Time sensible(base::Time said, base::Time now) {
  constexpr std::chrono::days kOldest(365);
  constexpr std::chrono::days kAhead(1);
  return said < now - kOldest || said > now + kAhead ? now : said;
}

void read_value(const json::value& value, base::Time at, EventReader reader, Reading& reading) {
  if (!value.is_object()) {
    reading.unread.push_back({json::serialize(value), "an event is no JSON object"});
    return;
  }
  auto events = reader(value.get_object(), at);
  if (!events) {
    reading.unread.push_back({json::serialize(value), events.error().text()});
    return;
  }
  if (events->empty()) return;
  const std::string content = json::serialize(value);
  for (Event& event : *events) {
    event.at = sensible(event.at, at);
    if (event.content.empty()) event.content = content;
    reading.events.push_back(std::move(event));
  }
}

}  // namespace

base::Result<Reading> read_each(std::string_view payload, base::Time at, EventReader reader) {
  const auto parsed = parse_payload(payload);
  if (!parsed) return parsed.error();
  const auto values = values_of(*parsed);
  if (!values) return values.error();
  Reading reading;
  for (const json::value* value : *values) read_value(*value, at, reader, reading);
  if (reading.events.empty() && !reading.unread.empty() && reading.unread.size() == values->size()) {
    return Error{ErrorCode::invalid, "no event of it can be read: " + reading.unread.front().why,
                 "check that this URL is entered at the relay it is named after", ""};
  }
  return reading;
}

const EventKind* find_kind(std::span<const EventKind> table, std::string_view word) {
  const auto found = std::ranges::find(table, word, &EventKind::word);
  return found == table.end() ? nullptr : &*found;
}

Event event_of(const EventKind& kind, std::string words) {
  Event event;
  event.kind = kind.kind;
  event.claim = {.reason = kind.reason, .words = std::move(words), .kept_back = kind.kept_back};
  return event;
}

base::Error lacks(std::string_view field) {
  return Error{ErrorCode::invalid, "the event has no '" + std::string(field) + "'", "", ""};
}

}  // namespace todoku::intake::webhooks
