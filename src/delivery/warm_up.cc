#include "delivery/warm_up.h"

#include <algorithm>

namespace todoku::delivery {
namespace {

constexpr std::int64_t kPlan[] = {50,    100,    200,    400,    700,    1'000,  1'500,  2'000,  3'000,  4'500,  6'500,
                                  9'000, 12'500, 17'000, 23'000, 31'000, 42'000, 56'000, 75'000, 85'000, 100'000};
constexpr std::int64_t kStepsBack = 2;
constexpr std::chrono::days kDay{1};

}  // namespace

std::span<const std::int64_t> standard_warm_up() { return kPlan; }

void WarmUp::turn_to(base::Time now) {
  const std::int64_t day = std::chrono::floor<std::chrono::days>(now).time_since_epoch().count();
  if (day <= state_.day) return;
  if (state_.day != 0 && !over()) {
    const std::int64_t trouble = 100 * state_.slowed;
    if (state_.blocked > 0 || trouble >= 5 * std::max<std::int64_t>(state_.answers, 1)) {
      state_.step = std::max<std::int64_t>(state_.step - kStepsBack, 0);
    } else if (trouble < state_.answers && 2 * state_.sent >= plan_[static_cast<std::size_t>(state_.step)]) {
      ++state_.step;
    }
  }
  state_ = {.day = day, .step = state_.step};
}

std::int64_t WarmUp::cap(base::Time now) {
  turn_to(now);
  if (over()) return -1;
  if (state_.blocked > 0) return 0;
  return plan_[static_cast<std::size_t>(state_.step)];
}

base::Time WarmUp::free_at(base::Time now) {
  const std::int64_t most = cap(now);
  if (most < 0 || state_.sent < most) return now;
  return std::chrono::floor<std::chrono::days>(now) + kDay;
}

void WarmUp::take(base::Time now) {
  turn_to(now);
  ++state_.sent;
}

void WarmUp::answered(Sign sign, base::Time now) {
  turn_to(now);
  if (sign == Sign::lost) return;
  ++state_.answers;
  if (sign == Sign::slow_down || sign == Sign::too_many_connections) ++state_.slowed;
  if (sign == Sign::blocked) ++state_.blocked;
}

}  // namespace todoku::delivery
