// How several nodes share one limit: who may use how much of it, and when what one gives up is free for another.
//
// Each node knows what every node holds and wants. It never takes more than the others leave, so the sum of what is
// held never exceeds the limit, whatever the others do meanwhile; and it gives up what is above its fair part, so that
// the others get theirs. Fair is: nobody gets more than it wants, and what is left is divided evenly among those who
// want more (max-min). Whole units only: a limit of one connection is one node's. Pure.
#pragma once
#include <cstdint>
#include <span>
#include <string>

#include "base/clock.h"

namespace todoku::cluster {

/// One node's part of a limit. Whoever holds 3 and wants 0 gives 3 up as soon as it can.
struct Claim {
  std::string node;
  std::int64_t held = 0;
  std::int64_t wanted = 0;
};

/// What `mine` has when all have settled. Every node that computes it from the same claims gets parts that add up to at
/// most `most`. Units that cannot be divided stay with who holds them.
[[nodiscard]] std::int64_t fair_part(std::int64_t most, std::span<const Claim> others, const Claim& mine);

/// What it may use now: its fair part, as far as the others leave it.
[[nodiscard]] std::int64_t granted(std::int64_t most, std::span<const Claim> others, const Claim& mine);

/// What a node holds of one limit. Mails begun stay in the window of the limit for its whole span: what is given up is
/// held until then.
class Holding {
 public:
  explicit Holding(base::Duration span = base::Duration{0}) : span_(span) {}

  [[nodiscard]] std::int64_t allowed() const { return allowed_; }
  void allow(std::int64_t units, base::Time now);
  /// `in_use` units are in use whatever is allowed: connections that are still open.
  [[nodiscard]] std::int64_t held(base::Time now, std::int64_t in_use) const;
  [[nodiscard]] base::Duration span() const { return span_; }

 private:
  base::Duration span_;
  std::int64_t allowed_ = 0;
  std::int64_t before_ = 0;  // the most that was allowed since the span that ends at cools_until_ began
  base::Time cools_until_{};
};

}  // namespace todoku::cluster
