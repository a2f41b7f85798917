#include "app/serve/health.h"

#include "base/log.h"

namespace todoku::app {
namespace {

constexpr base::Duration kBeat{30'000};

}  // namespace

void Health::say(std::string_view part, std::string_view reason) {
  const std::lock_guard lock(mutex_);
  const auto found = troubles_.find(part);
  if (reason.empty()) {
    if (found == troubles_.end()) return;
    base::log::info("well_again", {{"part", part}});
    troubles_.erase(found);
    return;
  }
  if (found != troubles_.end() && found->second == reason) return;
  base::log::warning("unwell", {{"part", part}, {"reason", reason}});
  troubles_.insert_or_assign(std::string(part), std::string(reason));
}

std::map<std::string, std::string> Health::troubles() const {
  const std::lock_guard lock(mutex_);
  return {troubles_.begin(), troubles_.end()};
}

void Health::warn(std::string_view part, std::string_view warning) {
  const std::lock_guard lock(mutex_);
  if (!warning.empty()) {
    warnings_.insert_or_assign(std::string(part), std::string(warning));
  } else if (const auto found = warnings_.find(part); found != warnings_.end()) {
    warnings_.erase(found);
  }
}

std::map<std::string, std::string> Health::warnings() const {
  const std::lock_guard lock(mutex_);
  return {warnings_.begin(), warnings_.end()};
}

bool Health::alive(base::Time now) const { return now - base::from_stored(beat_) < kBeat; }

}  // namespace todoku::app
