// Which receivers are to be looked at when: the entries of one timer, however many receivers wait.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/clock.h"

namespace todoku::delivery {

class WakeList {
 public:
  /// The earlier of two times for one receiver holds. True: it is the first of all now.
  bool add(const std::string& receiver, base::Time at) {
    const auto [entry, fresh] = times_.try_emplace(receiver, at);
    if (!fresh) {
      if (entry->second <= at) return false;
      erase(receiver, entry->second);
      entry->second = at;
    }
    order_.emplace(at, receiver);
    return order_.begin()->second == receiver;
  }

  [[nodiscard]] std::optional<base::Time> first() const {
    return order_.empty() ? std::nullopt : std::optional(order_.begin()->first);
  }

  /// One whose time has come.
  [[nodiscard]] std::optional<std::string> take(base::Time now) {
    if (order_.empty() || order_.begin()->first > now) return std::nullopt;
    std::string receiver = std::move(order_.begin()->second);
    order_.erase(order_.begin());
    times_.erase(receiver);
    return receiver;
  }

  void clear() {
    times_.clear();
    order_.clear();
  }

 private:
  void erase(const std::string& receiver, base::Time at) {
    const auto [from, to] = order_.equal_range(at);
    for (auto entry = from; entry != to; ++entry) {
      if (entry->second != receiver) continue;
      order_.erase(entry);
      return;
    }
  }

  std::unordered_map<std::string, base::Time> times_;
  std::multimap<base::Time, std::string> order_;
};

}  // namespace todoku::delivery
