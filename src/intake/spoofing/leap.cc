#include "intake/spoofing/leap.h"

#include <algorithm>
#include <numeric>

namespace todoku::intake::spoofing {

std::optional<double> usual_if_leapt(const LeapLimits& limits, std::span<const std::int64_t> before,
                                     std::int64_t today) {
  if (today < limits.least) return std::nullopt;
  if (before.size() < limits.history && today < limits.strange) return std::nullopt;
  if (before.empty()) return 0;
  const double mean = static_cast<double>(std::accumulate(before.begin(), before.end(), std::int64_t{0})) /
                      static_cast<double>(before.size());
  const auto now = static_cast<double>(today);
  const auto highest = static_cast<double>(*std::ranges::max_element(before));
  if (now <= limits.times_usual * mean || now <= limits.times_highest * highest) return std::nullopt;
  return mean;
}

}  // namespace todoku::intake::spoofing
