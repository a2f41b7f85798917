// Other rules of the stop policy, run over all that is stored of the past: deliveries and failures of the queue, and
// what came in later. Reads only. Contact after contact within slices of a bounded number of events, so that memory
// stays the same however much there is.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>

#include "audience/contact.h"
#include "audience/policy_replay.h"
#include "audience/stops.h"
#include "store/store.h"

namespace todoku::app {

/// A reader who was stopped by the rules, or would have been.
struct SimulatedReader {
  const audience::Contact& contact;
  std::optional<audience::ReplayedStop> would;  // the first one
  std::optional<audience::PastStop> did;        // likewise, as it was
};

struct SimulatedEvents {
  std::int64_t events = 0;
  std::int64_t readers = 0;  // with errors
};

/// `use` is called once for each reader, in order of id. `slice`: events in memory at a time, about.
SimulatedEvents simulate_policy(store::Store& store, const audience::StopRules& rules,
                                const std::function<void(const SimulatedReader&)>& use, std::size_t slice = 1'000'000);

}  // namespace todoku::app
