// The addresses of ours that mail for one receiver goes out from.
//
// Addresses that are being warmed up come first, until their cap of the day: what exceeds it goes out from the others
// (the established ones, evenly). No I/O, no clock.
#pragma once
#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "delivery/warm_up_share.h"

namespace todoku::delivery {

struct Source {
  std::string address;                // local IP address; empty: the system chooses
  std::string helo;                   // its name in EHLO; empty: the one of all
  std::vector<std::int64_t> warm_up;  // plan; empty: established
};

class SourcePool {
 public:
  /// No sources: one, which the system chooses.
  explicit SourcePool(std::span<const Source> sources);

  /// Which to open the next connection from; nothing while all caps are reached.
  [[nodiscard]] std::optional<std::size_t> choose(base::Time now);
  /// When a mail may go out from any of them, or from this one.
  [[nodiscard]] base::Time free_at(base::Time now);
  [[nodiscard]] base::Time free_at(std::size_t source, base::Time now) {
    return members_[source].warm_up ? members_[source].warm_up->free_at(now) : now;
  }

  void opening(std::size_t source) { ++members_[source].connections; }
  void closed(std::size_t source) { --members_[source].connections; }
  void take(std::size_t source) {
    if (members_[source].warm_up) members_[source].warm_up->take();
  }
  void give_back(std::size_t source) {
    if (members_[source].warm_up) members_[source].warm_up->give_back();
  }
  void answered(std::size_t source, Sign sign, base::Time now) {
    if (members_[source].warm_up) members_[source].warm_up->answered(sign, now);
  }

  [[nodiscard]] const Source& source(std::size_t index) const { return members_[index].source; }
  [[nodiscard]] std::size_t size() const { return members_.size(); }
  /// Null: established.
  [[nodiscard]] WarmUpShare* warm_up(std::size_t index) {
    return members_[index].warm_up ? &*members_[index].warm_up : nullptr;
  }
  /// Nothing would be lost if this were made anew.
  [[nodiscard]] bool settled() const {
    return std::ranges::all_of(members_, [](const Member& each) { return !each.warm_up || each.warm_up->settled(); });
  }

 private:
  struct Member {
    Source source;
    std::optional<WarmUpShare> warm_up;
    int connections = 0;
  };
  std::vector<Member> members_;
};

}  // namespace todoku::delivery
