// What delivery reports, handed on to whoever lives by it: the stop policy, and the submissions.
//
// The one place that joins delivery's outcomes with the audience; both sides know only queue's interface.
#pragma once
#include <functional>
#include <string>

#include "audience/stop_policy.h"
#include "queue/mail_source.h"

namespace todoku::app {

class OutcomeEvents final : public queue::OutcomeSink {
 public:
  /// `in_outage` hears of each site whose outage goes on, inside the transaction: at once, since a fast receiver
  /// refuses thousands in the time until somebody looks.
  explicit OutcomeEvents(audience::StopPolicy policy, std::function<void(const std::string&)> in_outage = {})
      : policy_(std::move(policy)), in_outage_(std::move(in_outage)) {}
  void record(store::Connection& db, std::span<const queue::Outcome> outcomes) override;

 private:
  audience::StopPolicy policy_;
  std::function<void(const std::string&)> in_outage_;
};

/// Nothing for outcomes that say nothing about the address: deferred, skipped, cancelled. A "permanent" cause that the
/// server gave with a 4xx code is only a soft one: it did not commit itself.
[[nodiscard]] std::optional<audience::Event> event_of(const queue::Outcome& outcome);

}  // namespace todoku::app
