#include "net/rate_table.h"

#include <algorithm>
#include <utility>

namespace todoku::net {
namespace {

constexpr std::size_t kLooks = 8;

Rate completed(Rate rate) {
  if (rate.burst <= 0) rate.burst = rate.per_minute;
  return rate;
}

}  // namespace

RateTable::RateTable(Rate rate, std::size_t most_keys)
    : rate_(completed(rate)), most_keys_(std::max<std::size_t>(most_keys, 1)) {}

double RateTable::held(const Bucket& bucket, TimePoint now) const {
  const double minutes =
      std::chrono::duration<double, std::ratio<60>>(std::max(now - bucket.at, TimePoint::duration{0})).count();
  return std::min(rate_.burst, bucket.held + minutes * rate_.per_minute);
}

bool RateTable::take(std::string_view key, TimePoint now, double amount) {
  if (rate_.per_minute <= 0) return true;
  const std::lock_guard lock(mutex_);
  Bucket& bucket = bucket_of(key, now);
  const double has = held(bucket, now);
  if (has < amount) return false;
  bucket.held = has - amount;
  bucket.at = std::max(bucket.at, now);
  return true;
}

bool RateTable::holds(std::string_view key, TimePoint now, double amount) const {
  if (rate_.per_minute <= 0) return true;
  const std::lock_guard lock(mutex_);
  const auto found = index_.find(std::string(key));
  return (found == index_.end() ? rate_.burst : held(buckets_[found->second], now)) >= amount;
}

std::size_t RateTable::keys() const {
  const std::lock_guard lock(mutex_);
  return buckets_.size();
}

RateTable::Bucket& RateTable::bucket_of(std::string_view key, TimePoint now) {
  const auto found = index_.find(std::string(key));
  if (found != index_.end()) return buckets_[found->second];
  if (buckets_.size() >= most_keys_) make_room(now);
  index_.emplace(key, buckets_.size());
  return buckets_.emplace_back(std::string(key), rate_.burst, now);
}

void RateTable::make_room(TimePoint now) {
  std::size_t fullest = look_ % buckets_.size();
  for (std::size_t i = 0; i < kLooks; ++i) {
    const std::size_t at = look_++ % buckets_.size();
    if (held(buckets_[at], now) > held(buckets_[fullest], now)) fullest = at;
  }
  index_.erase(buckets_[fullest].key);
  if (fullest + 1 != buckets_.size()) {
    buckets_[fullest] = std::move(buckets_.back());
    index_[buckets_[fullest].key] = fullest;
  }
  buckets_.pop_back();
}

}  // namespace todoku::net
