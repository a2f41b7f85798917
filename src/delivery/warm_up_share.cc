#include "delivery/warm_up_share.h"

#include <algorithm>

namespace todoku::delivery {
namespace {

using base::Duration;
using base::Time;

constexpr Duration kSoon{50};           // until an answer is there
constexpr Duration kIdle{5'000};        // then what is left is given back: between two batches it is not
constexpr std::int64_t kLeastLot = 10;  // mails
constexpr std::int64_t kLotsADay = 20;

}  // namespace

Time WarmUpShare::free_at(Time now) const {
  if (cap_ < 0) return now;
  if (day_of(now) != day_) return now + kSoon;
  if (left_ > 0) return now;
  return reached_ ? next_day(now) : now + kSoon;
}

void WarmUpShare::answered(Sign sign, Time now) {
  if (sign == Sign::lost || cap_ < 0) return;
  ++untold_.answers;
  if (sign == Sign::slow_down || sign == Sign::too_many_connections) ++untold_.slowed;
  if (sign != Sign::blocked) return;
  ++untold_.blocked;  // the account will have none left; so nothing is begun until it says so
  left_ = 0;
  reached_ = day_of(now) == day_;
}

bool WarmUpShare::lacking(Time now) const {
  if (asking_ || cap_ < 0) return false;
  return day_of(now) != day_ || (left_ <= 0 && !reached_) || untold_.blocked > 0;
}

std::int64_t WarmUpShare::lot() const { return std::max(kLeastLot, cap_ / kLotsADay); }

bool WarmUpShare::ask(std::int64_t waiting, Time now, Asking& into) {
  if (asking_ || cap_ < 0) return false;
  if (waiting > 0) idle_since_ = {};
  if (waiting == 0 && idle_since_ == Time{}) idle_since_ = now;
  const std::int64_t day = day_of(now);
  if (day != day_) {
    left_ = 0;  // yesterday's
    reached_ = false;
  }
  into = {.day = day_, .answers = untold_};
  const bool idle = waiting == 0 && now - idle_since_ >= kIdle;
  if (idle) into.unused = std::max<std::int64_t>(left_, 0);
  if (!reached_ && 2 * left_ < std::min(lot(), 2 * waiting)) into.wanted = std::min(lot(), waiting) - left_;
  if (into.wanted == 0 && into.unused == 0 && !into.answers.any()) return false;
  left_ -= into.unused;
  untold_ = {};
  wanted_ = into.wanted;
  asking_ = true;
  return true;
}

void WarmUpShare::hear(const Answer& answer) {
  asking_ = false;
  cap_ = answer.cap;
  if (answer.day != day_) {
    left_ = 0;
    reached_ = false;
  }
  day_ = answer.day;
  if (untold_.blocked > 0) return;  // since the question: not to be begun any more
  left_ += answer.granted;
  reached_ = reached_ || answer.cap == 0 || answer.granted < wanted_;
}

void WarmUpShare::missed(const Asking& asked) {
  asking_ = false;
  untold_.answers += asked.answers.answers;
  untold_.slowed += asked.answers.slowed;
  untold_.blocked += asked.answers.blocked;
}

bool WarmUpShare::give_up(Asking& into) {
  into = {.unused = std::max<std::int64_t>(left_, 0), .day = day_, .answers = untold_};
  left_ = 0;
  untold_ = {};
  return into.unused > 0 || into.answers.any();
}

}  // namespace todoku::delivery
