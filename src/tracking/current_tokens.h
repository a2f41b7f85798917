// The keys as they are now, for who runs on while others make new ones: a token that does not verify may have been
// signed by a key that is newer than those we know.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

#include "tracking/token.h"

namespace todoku::tracking {

/// Thread-safe.
class CurrentTokens {
 public:
  using Load = std::function<Tokens()>;

  /// Reads the keys at once, and later at most once in `fresh`: everybody may send tokens that do not verify.
  explicit CurrentTokens(Load load, std::chrono::steady_clock::duration fresh = std::chrono::seconds(1));

  /// As last read.
  [[nodiscard]] std::shared_ptr<const Tokens> known() const;
  /// Read anew where that was long ago; then this blocks, and throws what the loading throws.
  [[nodiscard]] std::shared_ptr<const Tokens> newest();
  /// Whether newest() would read.
  [[nodiscard]] bool stale() const;

 private:
  const Load load_;
  const std::chrono::steady_clock::duration fresh_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Tokens> tokens_;           // guarded by mutex_; shared with those who verify just now
  std::chrono::steady_clock::time_point read_at_;  // likewise
};

}  // namespace todoku::tracking
