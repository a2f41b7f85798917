#include "cluster/share.h"

#include <algorithm>
#include <tuple>
#include <vector>

namespace todoku::cluster {

std::int64_t fair_part(std::int64_t most, std::span<const Claim> others, const Claim& mine) {
  // Who wants least is served first; of equals who holds least, so that a unit left over stays where it is.
  using Place = std::tuple<std::int64_t, std::int64_t, std::string_view>;
  const auto place = [most](const Claim& claim) { return Place(std::min(claim.wanted, most), claim.held, claim.node); };
  std::vector<Place> places;
  places.reserve(others.size() + 1);
  places.push_back(place(mine));
  for (const Claim& claim : others) places.push_back(place(claim));
  std::ranges::sort(places);
  std::int64_t left = most;
  auto sharers = static_cast<std::int64_t>(places.size());
  for (const auto& [wanted, held, node] : places) {
    const std::int64_t part = std::clamp<std::int64_t>(wanted, 0, left / sharers--);
    if (node == mine.node) return part;
    left -= part;
  }
  return 0;
}

std::int64_t granted(std::int64_t most, std::span<const Claim> others, const Claim& mine) {
  std::int64_t left = most;
  for (const Claim& claim : others) left -= claim.held;
  return std::clamp<std::int64_t>(fair_part(most, others, mine), 0, std::max<std::int64_t>(left, 0));
}

void Holding::allow(std::int64_t units, base::Time now) {
  if (units < allowed_) {
    before_ = now < cools_until_ ? std::max(before_, allowed_) : allowed_;
    cools_until_ = now + span_;
  }
  allowed_ = units;
}

std::int64_t Holding::held(base::Time now, std::int64_t in_use) const {
  const std::int64_t cooling = now < cools_until_ ? before_ : 0;
  return std::max({allowed_, cooling, in_use});
}

}  // namespace todoku::cluster
