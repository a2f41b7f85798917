// What delivery reports, handed on to whoever lives by it: the stop policy, and the submissions.
//
// The one place that joins delivery's outcomes with the audience; both sides know only queue's interface.
#pragma once
#include "audience/stop_policy.h"
#include "queue/mail_source.h"

namespace todoku::app {

class OutcomeEvents final : public queue::OutcomeSink {
 public:
  explicit OutcomeEvents(audience::StopPolicy policy) : policy_(std::move(policy)) {}
  void record(store::Connection& db, std::span<const queue::Outcome> outcomes) override;

 private:
  audience::StopPolicy policy_;
};

/// Nothing for outcomes that say nothing about the address: deferred, skipped, cancelled. A "permanent" cause that the
/// server gave with a 4xx code is only a soft one: it did not commit itself.
[[nodiscard]] std::optional<audience::Event> event_of(const queue::Outcome& outcome);

}  // namespace todoku::app
