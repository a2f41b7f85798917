#include "authentication/sts_cache.h"

#include <algorithm>

namespace todoku::authentication {
namespace {

constexpr base::Duration kDay{24 * 3'600'000};

/// Long before it is too old: who must not find a gap between two policies would otherwise wait for it.
base::Time refreshed_at(const KeptStsPolicy& kept) {
  return kept.fetched_at + std::min<base::Duration>(kDay, kept.policy.max_age / 2);
}

}  // namespace

const KeptStsPolicy* holding(const KeptStsPolicy* kept, base::Time now) {
  return kept != nullptr && now < kept->until() ? kept : nullptr;
}

StsStep next_step(const KeptStsPolicy* kept, const std::optional<std::string>& announced, base::Time now,
                  std::optional<base::Time> failed_at) {
  const KeptStsPolicy* held = holding(kept, now);
  const StsStep otherwise = held != nullptr ? StsStep::keep : StsStep::none;
  if (!announced || (failed_at && now < *failed_at + kStsFetchPause)) return otherwise;
  const bool current = held != nullptr && held->id == *announced && now < refreshed_at(*held);
  return current ? StsStep::keep : StsStep::fetch;
}

}  // namespace todoku::authentication
