// Sites whose batches stay in the queue for now, and until when.
#pragma once
#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"

namespace todoku::delivery {

class Postponed {
 public:
  void add(const std::string& site, base::Time until) {
    base::Time& end = ends_[site];
    end = std::max(end, until);
  }

  /// Those whose time has not come; the others are forgotten.
  [[nodiscard]] std::vector<std::string> sites(base::Time now) {
    std::erase_if(ends_, [now](const auto& each) { return each.second <= now; });
    std::vector<std::string> all;
    all.reserve(ends_.size());
    for (const auto& each : ends_) all.push_back(each.first);
    return all;
  }

 private:
  std::unordered_map<std::string, base::Time> ends_;
};

}  // namespace todoku::delivery
