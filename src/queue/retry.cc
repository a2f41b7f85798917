#include "queue/retry.h"

#include <algorithm>
#include <random>

namespace todoku::queue {

std::optional<base::Time> next_attempt(const RetrySchedule& schedule, const Deferral& deferral, double random) {
  const base::Time end = deferral.laid_at + schedule.expiry;
  if (deferral.at >= end) return std::nullopt;
  const auto own = schedule.first_by_reason.find(deferral.reason);
  base::Duration wait = own != schedule.first_by_reason.end() ? own->second : schedule.first;
  for (int n = 1; n < deferral.attempt && wait < schedule.longest; ++n) wait *= 2;
  wait = std::min(wait, schedule.longest);
  const double factor = 1 + schedule.spread * (2 * random - 1);
  const base::Duration spread_wait(static_cast<std::int64_t>(static_cast<double>(wait.count()) * factor));
  return std::min(deferral.at + spread_wait, end);  // a last attempt at the very end
}

std::optional<base::Time> next_attempt(const RetrySchedule& schedule, const Batch& batch, base::Time at,
                                       std::string_view reason) {
  thread_local std::minstd_rand random{std::random_device{}()};
  return next_attempt(schedule, {batch.attempt, at, batch.laid_at, reason},
                      std::uniform_real_distribution<>(0, 1)(random));
}

}  // namespace todoku::queue
