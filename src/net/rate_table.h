// How much each of many strangers has done lately: a token bucket for each key, in bounded memory.
//
// A bucket holds at most `burst` and gains `per_minute` evenly. A key that is not in the table has a full bucket, so a
// bucket that is full again is forgotten; where the table is full of others, a few are looked at and the fullest of
// them makes room: who floods is not forgotten in favour of those who come once.
#pragma once
#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace todoku::net {

struct Rate {
  double per_minute = 0;  // 0: no limit
  double burst = 0;       // 0: as much as a minute gives
};

/// Thread-safe.
class RateTable {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit RateTable(Rate rate, std::size_t most_keys = 20'000);

  /// Takes `amount` out of the key's bucket; false, and nothing taken, where it does not hold that much.
  [[nodiscard]] bool take(std::string_view key, TimePoint now, double amount = 1);
  /// Whether take() would succeed.
  [[nodiscard]] bool holds(std::string_view key, TimePoint now, double amount = 1) const;
  [[nodiscard]] std::size_t keys() const;

 private:
  struct Bucket {
    std::string key;
    double held;
    TimePoint at;
  };
  [[nodiscard]] double held(const Bucket& bucket, TimePoint now) const;
  Bucket& bucket_of(std::string_view key, TimePoint now);
  void make_room(TimePoint now);

  const Rate rate_;
  const std::size_t most_keys_;
  mutable std::mutex mutex_;
  std::vector<Bucket> buckets_;                         // guarded by mutex_
  std::unordered_map<std::string, std::size_t> index_;  // likewise; key → place in buckets_
  std::size_t look_ = 0;                                // likewise; where make_room() goes on
};

}  // namespace todoku::net
