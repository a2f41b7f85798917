// The first weeks of a source address at one receiver: so many mails a day, more each day if the receiver is content.
//
// The plan gives the cap of each step. A day that used at least half of its cap and was answered well leads to the next
// step; one with refusals for speed (1 % and more) is repeated; one with 5 %, or a block, goes two steps back, and
// nothing more is sent on that day. Past the last step there is no cap. What exceeds the cap is for other addresses. No
// I/O, no clock.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "base/clock.h"
#include "delivery/sign.h"

namespace todoku::delivery {

/// Mails a day, a step each: from 50 to 100,000 in three weeks, as the large receivers advise.
[[nodiscard]] std::span<const std::int64_t> standard_warm_up();

class WarmUp {
 public:
  /// Where it stands; to be stored and given back after a restart.
  struct State {
    std::int64_t day = 0;  // counted from 1970, UTC
    std::int64_t step = 0;
    std::int64_t sent = 0, answers = 0, slowed = 0, blocked = 0;  // on that day
  };

  explicit WarmUp(std::span<const std::int64_t> plan) : WarmUp(plan, State()) {}
  WarmUp(std::span<const std::int64_t> plan, const State& state) : plan_(plan.begin(), plan.end()), state_(state) {}

  /// Now, if one more mail may be sent today, else the beginning of the next day.
  [[nodiscard]] base::Time free_at(base::Time now);
  void take(base::Time now);
  void give_back() { --state_.sent; }
  void answered(Sign sign, base::Time now);

  /// Today's cap; nothing past the plan: -1.
  [[nodiscard]] std::int64_t cap(base::Time now);
  [[nodiscard]] const State& state() const { return state_; }

 private:
  void turn_to(base::Time now);
  [[nodiscard]] bool over() const { return state_.step >= static_cast<std::int64_t>(plan_.size()); }

  std::vector<std::int64_t> plan_;
  State state_;
};

}  // namespace todoku::delivery
