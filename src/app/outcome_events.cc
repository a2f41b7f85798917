#include "app/outcome_events.h"

#include <vector>

#include "app/mail_provider.h"
#include "bounce/explanation.h"
#include "submission/submission.h"

namespace todoku::app {

std::optional<audience::Event> event_of(const queue::Outcome& outcome) {
  if (outcome.result != queue::Result::delivered && outcome.result != queue::Result::failed) return std::nullopt;
  audience::Event event;
  event.contact = outcome.contact;
  event.campaign = outcome.campaign;
  event.at = outcome.at;
  event.permanent = true;
  event.site = outcome.site;
  if (outcome.result == queue::Result::delivered) {
    event.reason = bounce::Reason::delivered;
    return event;
  }
  event.reason = bounce::reason_of(outcome.reason).value_or(bounce::Reason::unknown);
  event.effect = bounce::effect_of(event.reason);
  const bool hedged = outcome.reply_code >= 400 && outcome.reply_code < 500;
  if (event.effect == bounce::Effect::hard && hedged) event.effect = bounce::Effect::soft;
  event.reply = outcome.text;
  event.provider = provider_of(outcome.site, outcome.remote.substr(0, outcome.remote.find(' ')));
  return event;
}

void OutcomeEvents::record(store::Connection& db, std::span<const queue::Outcome> outcomes) {
  std::vector<audience::Event> events;
  events.reserve(outcomes.size());
  for (const queue::Outcome& outcome : outcomes) {
    if (auto event = event_of(outcome)) events.push_back(*std::move(event));
  }
  for (const std::string& site : policy_.record(db, events)) {
    if (in_outage_) in_outage_(site);
  }
  submission::record(db, outcomes);
}

}  // namespace todoku::app
