// When a deferred recipient is tried again, and when that ends.
//
// The wait doubles from `first` to `longest`, spread by `spread` either way, so that a thousand mails deferred together
// do not all come back in one second; RFC 5321 4.5.4.1 asks for retries over days, and the last one falls before
// expiry.
#pragma once
#include <map>
#include <optional>
#include <string>

#include "base/clock.h"
#include "queue/queue.h"

namespace todoku::queue {

struct RetrySchedule {
  base::Duration first = std::chrono::minutes(5);
  base::Duration longest = std::chrono::hours(4);
  base::Duration expiry = std::chrono::hours(72);  // from when the recipient was laid down
  double spread = 0.1;
  /// Reasons whose first wait is another: a full mailbox is not emptied in five minutes.
  std::map<std::string, base::Duration, std::less<>> first_by_reason = {{"mailbox_full", std::chrono::hours(1)},
                                                                        {"system_full", std::chrono::minutes(30)},
                                                                        {"host_unknown", std::chrono::minutes(30)}};
};

/// A deferral: of which attempt (from 1), and why.
struct Deferral {
  int attempt = 1;
  base::Time at;
  base::Time laid_at;
  std::string_view reason;
};

/// The next attempt's time; nothing when the recipient has expired, which is then a final failure. `random` in [0, 1).
[[nodiscard]] std::optional<base::Time> next_attempt(const RetrySchedule& schedule, const Deferral& deferral,
                                                     double random);

/// The same for a recipient of a batch, with a random number of its own.
[[nodiscard]] std::optional<base::Time> next_attempt(const RetrySchedule& schedule, const Batch& batch, base::Time at,
                                                     std::string_view reason = {});

}  // namespace todoku::queue
