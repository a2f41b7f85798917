#include "store/reader_pool.h"

namespace todoku::store {

Lease ReaderPool::take() {
  const auto giver = [this](std::unique_ptr<Connection> connection) { give_back(std::move(connection)); };
  {
    std::unique_lock lock(mutex_);
    freed_.wait(lock, [this] { return !free_.empty() || open_count_ < limit_; });
    if (!free_.empty()) {
      Lease lease(std::move(free_.back()), giver);
      free_.pop_back();
      return lease;
    }
    ++open_count_;
  }
  try {
    return {open_(), giver};
  } catch (const Failure&) {
    one_less();
    throw;
  }
}

void ReaderPool::give_back(std::unique_ptr<Connection> connection) {
  if (!connection->usable()) {
    connection.reset();
    return one_less();
  }
  const std::lock_guard lock(mutex_);
  free_.push_back(std::move(connection));
  freed_.notify_one();
}

void ReaderPool::one_less() {
  const std::lock_guard lock(mutex_);
  --open_count_;
  freed_.notify_one();
}

}  // namespace todoku::store
