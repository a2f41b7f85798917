// The readers: connections opened when first needed, at most so many, lent and given back.
#pragma once
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "store/connection.h"
#include "store/store.h"

namespace todoku::store {

/// Outlives its leases.
class ReaderPool {
 public:
  ReaderPool(std::function<std::unique_ptr<Connection>()> open, int limit) : open_(std::move(open)), limit_(limit) {}

  /// Waits for a free one; throws what opening a connection throws.
  [[nodiscard]] Lease take();

 private:
  void give_back(std::unique_ptr<Connection> connection);
  void one_less();

  std::function<std::unique_ptr<Connection>()> open_;
  int limit_;
  std::mutex mutex_;
  std::condition_variable freed_;
  int open_count_ = 0;
  std::vector<std::unique_ptr<Connection>> free_;
};

}  // namespace todoku::store
