#include "delivery/source_pool.h"

#include <algorithm>

namespace todoku::delivery {

SourcePool::SourcePool(std::span<const Source> sources) {
  for (const Source& source : sources) {
    Member& member = members_.emplace_back();
    member.source = source;
    if (!source.warm_up.empty()) member.warm_up.emplace();
  }
  if (members_.empty()) members_.emplace_back();
}

std::optional<std::size_t> SourcePool::choose(base::Time now) {
  std::optional<std::size_t> best;
  const auto before = [this](std::size_t a, std::size_t b) {
    if (members_[a].warm_up.has_value() != members_[b].warm_up.has_value()) return members_[a].warm_up.has_value();
    return members_[a].connections < members_[b].connections;
  };
  for (std::size_t i = 0; i < members_.size(); ++i) {
    if (free_at(i, now) > now) continue;
    // A single connection carries a small cap; the others are for the rest.
    const bool enough = members_[i].warm_up && members_[i].connections > 0 && members_.size() > 1;
    if (!enough && (!best || before(i, *best))) best = i;
  }
  for (std::size_t i = 0; !best && i < members_.size(); ++i) {
    if (free_at(i, now) <= now) best = i;
  }
  return best;
}

base::Time SourcePool::free_at(base::Time now) {
  base::Time first = free_at(0, now);
  for (std::size_t i = 1; i < members_.size() && first > now; ++i) first = std::min(first, free_at(i, now));
  return first;
}

}  // namespace todoku::delivery
