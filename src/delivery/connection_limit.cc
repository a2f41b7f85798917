#include "delivery/connection_limit.h"

#include <algorithm>

namespace todoku::delivery {

void ConnectionLimit::opened(int open, base::Time now) {
  if (open <= allowed_) return;
  allowed_ = std::min(open, most_);
  look_at_ = now + kStep;
  hold_ = kHold;
}

void ConnectionLimit::refused(int others, base::Time now) {
  allowed_ = std::clamp(others, 1, most_);
  look_at_ = now + hold_;
  hold_ = std::min(2 * hold_, kLongestHold);
}

}  // namespace todoku::delivery
