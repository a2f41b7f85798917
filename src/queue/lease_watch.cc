#include "queue/lease_watch.h"

namespace todoku::queue {

std::vector<Lease> LeaseWatch::dead(const std::vector<Lease>& all, base::Time now) {
  if (now - looked_at_ > patience_ / 2) forget();  // who stood still for so long has not watched
  looked_at_ = now;
  std::map<Lease, base::Time> seen;
  std::vector<Lease> dead;
  for (const Lease& lease : all) {
    const auto known = since_.find(lease);
    const base::Time since = known == since_.end() ? now : known->second;
    seen.emplace(lease, since);
    if (now - since >= patience_) dead.push_back(lease);
  }
  since_ = std::move(seen);
  return dead;
}

}  // namespace todoku::queue
