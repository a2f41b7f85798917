// The first weeks of a source address at one receiver: so many mails a day, more each day if the receiver is content.
//
// The plan gives the cap of each step. A day that used at least half of its cap and was answered well leads to the next
// step; one with refusals for speed (1 % and more) is repeated; one with 5 %, or a block, goes two steps back, and
// nothing more is sent on that day. Past the last step there is no cap. What exceeds the cap is for other addresses.
// This is the account, which all nodes share (warm_up_accounts.h); what a node has of it is a WarmUpShare. No I/O, no
// clock.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "base/clock.h"

namespace todoku::delivery {

/// Mails a day, a step each: from 50 to 100,000 in three weeks, as the large receivers advise.
[[nodiscard]] std::span<const std::int64_t> standard_warm_up();

/// Days since 1970, UTC.
[[nodiscard]] std::int64_t day_of(base::Time now);
[[nodiscard]] base::Time next_day(base::Time now);

/// How mails were answered.
struct WarmUpAnswers {
  std::int64_t answers = 0, slowed = 0, blocked = 0;
  [[nodiscard]] bool any() const { return answers + slowed + blocked > 0; }
};

class WarmUp {
 public:
  /// Where it stands; to be stored.
  struct State {
    std::int64_t day = 0;
    std::int64_t step = 0;
    std::int64_t sent = 0;  // on that day
    WarmUpAnswers answers;  // likewise
  };

  /// `plan` lives longer.
  explicit WarmUp(std::span<const std::int64_t> plan) : WarmUp(plan, State()) {}
  WarmUp(std::span<const std::int64_t> plan, const State& state) : plan_(plan), state_(state) {}

  /// At most so many mails of today's cap, which are sent from now on, or given back.
  [[nodiscard]] std::int64_t take(std::int64_t mails, base::Time now);
  /// Of another day than the account's: nothing.
  void give_back(std::int64_t mails, std::int64_t day);
  void answered(const WarmUpAnswers& answers, base::Time now);

  /// Today's cap; none, past the plan: -1.
  [[nodiscard]] std::int64_t cap(base::Time now);
  [[nodiscard]] const State& state() const { return state_; }

 private:
  void turn_to(base::Time now);
  [[nodiscard]] bool over() const { return state_.step >= static_cast<std::int64_t>(plan_.size()); }

  std::span<const std::int64_t> plan_;
  State state_;
};

}  // namespace todoku::delivery
