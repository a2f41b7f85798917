#include "tracking/current_tokens.h"

#include <utility>

namespace todoku::tracking {

using SteadyClock = std::chrono::steady_clock;

CurrentTokens::CurrentTokens(Load load, SteadyClock::duration fresh)
    : load_(std::move(load)),
      fresh_(fresh),
      tokens_(std::make_shared<const Tokens>(load_())),
      read_at_(SteadyClock::now()) {}

std::shared_ptr<const Tokens> CurrentTokens::known() const {
  const std::lock_guard lock(mutex_);
  return tokens_;
}

bool CurrentTokens::stale() const {
  const std::lock_guard lock(mutex_);
  return SteadyClock::now() - read_at_ >= fresh_;
}

std::shared_ptr<const Tokens> CurrentTokens::newest() {
  const std::lock_guard lock(mutex_);
  const auto now = SteadyClock::now();
  if (now - read_at_ >= fresh_) {
    tokens_ = std::make_shared<const Tokens>(load_());
    read_at_ = now;
  }
  return tokens_;
}

}  // namespace todoku::tracking
