// What every relay's parser does with a post: each event read by itself, so that one that is broken keeps no other
// back.
#pragma once
#include <boost/json/object.hpp>
#include <span>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "intake/webhooks/event.h"

namespace todoku::intake::webhooks {

/// The events of one JSON object; none of interest: empty. `at` and `content` may be left for read_each to fill in.
/// Errors: what is missing.
using EventReader = base::Result<std::vector<Event>> (*)(const boost::json::object& object, base::Time at);

/// Errors: `invalid` where the payload is no JSON or holds no objects, `limit`.
[[nodiscard]] base::Result<Reading> read_each(std::string_view payload, base::Time at, EventReader reader);

/// A row of a relay's table: its word, what that means for the mail, what the relay claims by it.
struct EventKind {
  std::string_view word;
  bounce::Kind kind;
  bounce::Reason reason = bounce::Reason::unknown;
  bool kept_back = false;
};
/// Null: a word that is of no interest here.
[[nodiscard]] const EventKind* find_kind(std::span<const EventKind> table, std::string_view word);

/// Its kind and claim set.
[[nodiscard]] Event event_of(const EventKind& kind, std::string words);

/// An error that names the field that an event lacks.
[[nodiscard]] base::Error lacks(std::string_view field);

}  // namespace todoku::intake::webhooks
