// What this node holds of the limits that it shares with others, as /metrics shows it.
//
// Receivers are many: providers that data/providers knows, and the first hundred others, have a label of their own; the
// rest are "other" together. Thread-safe.
#pragma once
#include <mutex>
#include <set>
#include <span>
#include <string>

#include "cluster/ledger.h"
#include "metrics/registry.h"

namespace todoku::app {

class ShareMeter {
 public:
  /// All lines of the node at once.
  void update(std::span<const cluster::Line> lines);
  /// By receiver and limit: &cluster::Line::held, wanted or most.
  [[nodiscard]] metrics::Reading::Series series(std::int64_t cluster::Line::* number) const;

 private:
  std::string label(const std::string& receiver);

  mutable std::mutex mutex_;
  std::map<metrics::Labels, cluster::Line> lines_;  // guarded by mutex_; sums where labels stand for several
  std::set<std::string> named_;                     // likewise; receivers that have a label of their own
};

}  // namespace todoku::app
