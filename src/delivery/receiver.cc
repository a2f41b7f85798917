#include "delivery/receiver.h"

#include <algorithm>

#include "base/log.h"
#include "bounce/reason.h"
#include "delivery/observer.h"
#include "delivery/outcome_log.h"

namespace todoku::delivery {
namespace {

/// The operator's schedule with the provider's own waits. Where somebody is in a hurry (a demonstration, a test) and
/// waits less than the default, the provider's waits are too long as well.
queue::RetrySchedule schedule_of(const Allowance& allowance, queue::RetrySchedule schedule) {
  if (schedule.first < queue::RetrySchedule().first) return schedule;
  if (allowance.limits.retry_first.count() > 0) schedule.first = allowance.limits.retry_first;
  if (allowance.provider == nullptr) return schedule;
  for (const auto& [reason, wait] : allowance.provider->retries) schedule.first_by_reason[reason] = wait;
  return schedule;
}

}  // namespace

Receiver::Receiver(Allowance allowance, std::span<const Source> sources, const queue::RetrySchedule& general,
                   Observer* observer)
    : shape(std::move(allowance), sources),
      refusals(shape.allowance().limits.blocked),
      retry(schedule_of(shape.allowance(), general)),
      observer_(observer) {
  trouble.result = queue::Result::deferred;
  trouble.reason = bounce::to_string(bounce::Reason::rate_limited);
  trouble.text = "the limits for " + name() + " left no time";
}

std::optional<base::Time> Receiver::next_attempt(const queue::Batch& batch, const queue::Outcome& outcome) const {
  const auto again = queue::next_attempt(retry, batch, outcome.at, outcome.reason);
  if (!again) return again;
  const base::Time last = std::max(*again, batch.laid_at + retry.expiry);
  return std::clamp(std::max(shape.rests_until(), refusals.held_until(batch.campaign).value_or(base::Time{})), *again,
                    last);
}

void Receiver::announce(Shape::Change change, const queue::Outcome& cause) {
  if (change == Shape::Change::suspended || change == Shape::Change::paused) trouble = cause;
  const auto rest = std::chrono::duration_cast<std::chrono::seconds>(shape.rests_until() - cause.at).count();
  switch (change) {
    case Shape::Change::none:
      return;
    case Shape::Change::suspended:
      if (observer_ != nullptr) observer_->rests(name(), "suspended");
      return base::log::error("receiver_suspended", {{"receiver", name()},
                                                     {"site", cause.site},
                                                     {"remote", cause.remote},
                                                     {"next_try_seconds", rest},
                                                     {"cause", without_mailboxes(cause.text)}});
    case Shape::Change::paused:
      return base::log::warning("receiver_paused",
                                {{"receiver", name()}, {"seconds", rest}, {"cause", without_mailboxes(cause.text)}});
    case Shape::Change::lifted:
      return base::log::warning("receiver_resumed", {{"receiver", name()}});
  }
}

void Receiver::announce(Refusals::Change change, const queue::Outcome& cause) const {
  switch (change) {
    case Refusals::Change::none:
      return;
    case Refusals::Change::held:
      if (observer_ != nullptr) observer_->rests(name(), "held");
      return base::log::error("campaign_held", {{"campaign", cause.campaign.value},
                                                {"receiver", name()},
                                                {"site", cause.site},
                                                {"reason", cause.reason},
                                                {"cause", without_mailboxes(cause.text)}});
    case Refusals::Change::lifted:
      return base::log::warning("campaign_resumed", {{"campaign", cause.campaign.value}, {"receiver", name()}});
  }
}

}  // namespace todoku::delivery
