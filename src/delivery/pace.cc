#include "delivery/pace.h"

#include <algorithm>
#include <cmath>

namespace todoku::delivery {
namespace {

using base::Duration;
using base::Time;

constexpr double kShare = 0.006;       // of refusals that the search for a higher pace may cost
constexpr double kMostCredit = 2;      // refusals
constexpr double kDebt = -6;           // what is owed beyond is forgiven: an outage is no search
constexpr double kNoise = 1.15;        // two refusals within 200 replies are a sign, one is not
constexpr double kNoiseShare = 0.005;  // and so is this share of many
constexpr double kNear = 0.95;         // of the ceiling: where the pace is held
constexpr double kFirstLook = 0.02;    // beyond it
constexpr double kCatchUp = 10;        // milliseconds that a late sender may make up for
constexpr Duration kInterval{1000};    // of the loop, at least
constexpr double kMailsAnInterval = 10;
constexpr Duration kHold{10'000};   // below the ceiling, before looking beyond
constexpr double kBelieved = 4;     // replies' worth of "nine of ten are taken"
constexpr double kForgotten = 0.1;  // of a refusal

double milliseconds(Time t) { return static_cast<double>(t.time_since_epoch().count()); }

}  // namespace

Pace::Pace(const PaceOptions& options) : options_(options), rate_(0) {
  if (options_.start > 0) set_rate(options_.start);
}

void Pace::set_rate(double rate) {
  rate_ = std::max(rate, options_.least);
  if (options_.most > 0) rate_ = std::min(rate_, options_.most);
}

Time Pace::free_at(Time now) {
  if (open()) return now;
  if (next_ <= milliseconds(now)) return now;
  return Time(Duration(static_cast<std::int64_t>(std::ceil(next_))));
}

void Pace::take(Time now) {
  if (!open()) next_ = std::max(next_, milliseconds(now) - kCatchUp) + 1000 / rate_;
}

void Pace::give_back() {
  if (!open()) next_ -= 1000 / rate_;
}

/// Replies over which refusals fade: half a second of them, within bounds.
double Pace::memory() const { return std::clamp(rate_ / 2, 100.0, 2000.0); }

/// What the receiver takes of what it gets, now that it refuses; few replies are believed little.
double Pace::accepted_share() const { return (replies_ - refusals_ + kBelieved * 0.9) / (replies_ + kBelieved); }

void Pace::answered(bool slow_down, Time taken, Time now) {
  credit_ = std::clamp(credit_ + kShare - (slow_down ? 1 : 0), kDebt, kMostCredit);
  if (!slow_down) ++accepted_;
  if (taken >= down_at_ && troubled(slow_down)) return refused(now);
  step(now);
}

/// Whether the replies since the last step down ask for another.
bool Pace::troubled(bool slow_down) {
  trouble_ *= 1 - 1 / memory();
  if (trouble_ > 0) {
    replies_ += 1;
    refusals_ += slow_down ? 1 : 0;
  }
  if (trouble_ < kForgotten) trouble_ = replies_ = refusals_ = 0;
  if (!slow_down) return false;
  trouble_ += 1;
  return trouble_ >= kNoise + kNoiseShare * (memory() - 100);
}

void Pace::refused(Time now) {
  if (open()) {
    const double seconds = std::max(static_cast<double>((now - stepped_at_).count()), 50.0) / 1000;
    rate_ = std::max({static_cast<double>(accepted_) / seconds, speed_, 1.0});
  }
  next_ = std::max(next_, milliseconds(now));
  look_ > 0 ? look_failed() : step_down();
  down_at_ = now + Duration(1);
  stepped_at_ = held_since_ = now;
  accepted_ = 0;
  trouble_ = replies_ = refusals_ = 0;
  look_ = 0;
}

void Pace::step_down() {
  const double share = accepted_share();
  ceiling_ = std::max(rate_ * std::max(share, 0.1), options_.least);
  set_rate(rate_ * std::clamp(0.92 * share, 0.3, 0.85));
}

/// To the last step that nothing was refused at, or what the refusals tell; at least back to what held before, and a
/// little more where refusals came late.
void Pace::look_failed() {
  const double least = rate_ > 1.1 * held_ ? 1.03 * held_ : held_;
  const double held = std::max(least, std::min(rate_ / (1 + look_), rate_ * accepted_share()));
  ceiling_ = held / kNear;
  set_rate(held);
}

void Pace::step(Time now) {
  if (stepped_at_ == Time{}) stepped_at_ = now;
  const Duration passed = now - stepped_at_;
  if (passed < kInterval || (!open() && static_cast<double>(passed.count()) < 1000 * kMailsAnInterval / rate_)) return;
  const double accepted = 1000 * static_cast<double>(accepted_) / static_cast<double>(passed.count());
  stepped_at_ = now;
  accepted_ = 0;
  speed_ = accepted;
  if (open() || accepted < 0.7 * rate_) return;  // unused, so it proves nothing
  if (ceiling_ == 0) return set_rate(2 * rate_);
  if (rate_ < kNear * ceiling_) {
    held_since_ = now;
    return set_rate(std::min(kNear * ceiling_, rate_ + std::max((ceiling_ - rate_) / 2, 0.02 * ceiling_)));
  }
  if (look_ > 0 || (credit_ > 0 && now - held_since_ >= kHold)) look_beyond();
}

void Pace::look_beyond() {
  if (look_ == 0) held_ = rate_;
  look_ = std::min(look_ > 0 ? 2 * look_ : kFirstLook, 0.5);
  set_rate(rate_ * (1 + look_));
}

void Pace::restart(double rate, Time now) {
  rate_ = 0;
  set_rate(rate);
  ceiling_ = look_ = trouble_ = replies_ = refusals_ = 0;
  accepted_ = 0;
  next_ = milliseconds(now);
  down_at_ = stepped_at_ = held_since_ = now;
}

}  // namespace todoku::delivery
