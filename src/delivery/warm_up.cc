#include "delivery/warm_up.h"

#include <algorithm>

namespace todoku::delivery {
namespace {

constexpr std::int64_t kPlan[] = {50,    100,    200,    400,    700,    1'000,  1'500,  2'000,  3'000,  4'500,  6'500,
                                  9'000, 12'500, 17'000, 23'000, 31'000, 42'000, 56'000, 75'000, 85'000, 100'000};
constexpr std::int64_t kStepsBack = 2;

}  // namespace

std::span<const std::int64_t> standard_warm_up() { return kPlan; }

std::int64_t day_of(base::Time now) { return std::chrono::floor<std::chrono::days>(now).time_since_epoch().count(); }

base::Time next_day(base::Time now) { return std::chrono::floor<std::chrono::days>(now) + std::chrono::days(1); }

void WarmUp::turn_to(base::Time now) {
  const std::int64_t day = day_of(now);
  if (day <= state_.day) return;
  if (state_.day != 0 && !over()) {
    const std::int64_t trouble = 100 * state_.answers.slowed;
    if (state_.answers.blocked > 0 || trouble >= 5 * std::max<std::int64_t>(state_.answers.answers, 1)) {
      state_.step = std::max<std::int64_t>(state_.step - kStepsBack, 0);
    } else if (trouble < state_.answers.answers && 2 * state_.sent >= plan_[static_cast<std::size_t>(state_.step)]) {
      ++state_.step;
    }
  }
  state_ = {.day = day, .step = state_.step, .sent = 0, .answers = {}};
}

std::int64_t WarmUp::cap(base::Time now) {
  turn_to(now);
  if (over()) return -1;
  if (state_.answers.blocked > 0) return 0;
  return plan_[static_cast<std::size_t>(state_.step)];
}

std::int64_t WarmUp::take(std::int64_t mails, base::Time now) {
  const std::int64_t most = cap(now);
  if (most >= 0) mails = std::clamp<std::int64_t>(most - state_.sent, 0, mails);
  state_.sent += mails;
  return mails;
}

void WarmUp::give_back(std::int64_t mails, std::int64_t day) {
  if (day == state_.day) state_.sent = std::max<std::int64_t>(state_.sent - mails, 0);
}

void WarmUp::answered(const WarmUpAnswers& answers, base::Time now) {
  turn_to(now);
  state_.answers.answers += answers.answers;
  state_.answers.slowed += answers.slowed;
  state_.answers.blocked += answers.blocked;
}

}  // namespace todoku::delivery
