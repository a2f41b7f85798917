// The Taker of the moment: roads that run on hand over through it while intake is made anew under them.
#pragma once
#include <functional>
#include <mutex>
#include <shared_mutex>

#include "intake/arrival.h"

namespace todoku::app {

/// Thread-safe.
class CurrentTaker final : public intake::Taker {
 public:
  void take(std::span<const intake::Arrival> arrivals) override {
    const std::shared_lock lock(mutex_);
    taker_->take(arrivals);
  }
  void take(std::span<const intake::RelayWord> words) override {
    const std::shared_lock lock(mutex_);
    taker_->take(words);
  }

  /// `renew` gives the new one, and may destroy the old one, while nobody hands over. Once before the first take().
  void change(const std::function<intake::Taker*()>& renew) {
    const std::unique_lock lock(mutex_);
    taker_ = renew();
  }

 private:
  std::shared_mutex mutex_;
  intake::Taker* taker_ = nullptr;  // guarded by mutex_
};

}  // namespace todoku::app
