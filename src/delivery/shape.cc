#include "delivery/shape.h"

#include <algorithm>
#include <cmath>

#include "base/ascii.h"

namespace todoku::delivery {
namespace {

using base::Duration;
using base::Time;
using provider::Limits;

constexpr int kBlocksOfRecipients = 3;  // in a row; one alone may be a recipient's own list
constexpr double kRestart = 1;          // mails a second, after a suspension
constexpr Duration kFirstBackOff{1000};
constexpr int kLongestBackOff = 6;  // doublings
constexpr Duration kShortRest{5000};
constexpr Duration kOthersTry = std::chrono::minutes(1);  // then the node that was blocked is not waited for

constexpr double whole(double number) { return number == std::floor(number); }

void add_window(std::vector<Window>& to, double most, Duration span) {
  if (most >= 1) to.emplace_back(static_cast<std::int64_t>(most), span);
}

std::vector<Window> windows_of(const Limits& limits) {
  std::vector<Window> made;
  const double second = limits.mails_per_second;
  if (whole(second)) {
    add_window(made, second, std::chrono::seconds(1));
  } else if (second > 1) {
    add_window(made, std::ceil(second), std::chrono::seconds(1));
    add_window(made, std::floor(10 * second), std::chrono::seconds(10));
  } else {
    made.emplace_back(1, Duration(static_cast<std::int64_t>(std::ceil(1000 / second))));
  }
  add_window(made, static_cast<double>(limits.mails_per_minute), std::chrono::minutes(1));
  add_window(made, static_cast<double>(limits.mails_per_hour), std::chrono::hours(1));
  add_window(made, static_cast<double>(limits.mails_per_day), std::chrono::hours(24));
  return made;
}

PaceOptions pace_of(const Limits& limits) {
  const double most = limits.mails_per_second;
  const double start = limits.start_per_second > 0 ? limits.start_per_second : most;  // evenly, not all at once
  return {.start = start, .most = most, .least = most > 0 ? std::min(0.1, most) : 0.1};
}

bool fits(const provider::BackOff& rule, const Answer& answer, const std::string& text) {
  if (!std::to_string(answer.code).starts_with(rule.code)) return false;
  const auto found = [&text](const std::string& words) { return text.find(words) != std::string::npos; };
  return rule.says.empty() || std::ranges::any_of(rule.says, found);
}

}  // namespace

Shape::Shape(Allowance allowance, std::span<const Source> sources)
    : allowance_(std::move(allowance)),
      learns_(allowance_.receiver != kSmartHost || allowance_.limits.start_per_second > 0),
      pace_(pace_of(allowance_.limits)),
      limit_(allowance_.limits.connections),
      suspension_(allowance_.limits.blocked),
      sources_(sources),
      windows_(windows_of(allowance_.limits)) {}

Shape::Opening Shape::connect(Time now) {
  const Time free = std::max(free_at(now), sources_.free_at(now));
  if (free > now + allowance_.limits.idle) return {.again = free};
  if (allotment_ && connections_ >= allotment_->connections(now)) return {.again = allotment_->connection_at(now)};
  if (asleep_ > 0 || (suspension_.active() && connections_ > 0)) return {.again = now + allowance_.limits.idle};
  if (connections_ >= limit_.allowed(now)) {
    return {.again = limit_.look_at() > now ? limit_.look_at() : now + std::chrono::hours(1)};
  }
  const auto source = sources_.choose(now);
  if (!source) return {.again = std::max(sources_.free_at(now), now + Duration(1))};
  ++connections_;
  sources_.opening(*source);
  return {.granted = true, .source = *source};
}

void Shape::opened(std::size_t /*source*/, Time now) {
  ++open_;
  failures_ = 0;
  limit_.opened(open_, now);
}

Shape::Change Shape::refused(std::size_t source, const Answer& answer, Time now) {
  --connections_;
  sources_.closed(source);
  sources_.answered(source, answer.sign, now);
  if (!learns_) return Change::none;
  if (answer.sign == Sign::blocked) return blocked(now);
  suspension_.unclear(now);
  if (answer.sign != Sign::slow_down && answer.sign != Sign::too_many_connections) return Change::none;
  limit_.refused(open_, now);
  if (open_ > 0) return pause(answer, now);
  const Duration rest = kFirstBackOff * (1 << std::min(failures_++, kLongestBackOff));
  paused_until_ = std::max(paused_until_, now + rest);
  return pause(answer, now);
}

void Shape::closed(std::size_t source) {
  --connections_;
  --open_;
  leaving_ = std::max(leaving_ - 1, 0);
  sources_.closed(source);
}

Time Shape::free_at(Time now) {
  if (paused_until_ > now) return paused_until_;
  Time free = suspension_.free_at(now);
  for (Window& window : windows_) free = std::max(free, window.free_at(now));
  if (allotment_) free = std::max(free, allotment_->free_at(now));
  return std::max(free, pace_.free_at(now));
}

Time Shape::ask(std::size_t source, Time now) {
  const Time free = free_at(source, now);
  if (free > now) return free;
  suspension_.take(now);
  for (Window& window : windows_) window.take(now);
  if (allotment_) allotment_->take();
  pace_.take(now);
  sources_.take(source);
  return now;
}

void Shape::unsent(std::size_t source) {
  suspension_.give_back();
  for (Window& window : windows_) window.give_back();
  pace_.give_back();
  sources_.give_back(source);
}

Shape::Change Shape::answered(std::size_t source, const Answer& answer, Time asked, Time now) {
  sources_.answered(source, answer.sign, now);
  if (!learns_) return Change::none;
  if (answer.sign == Sign::blocked) {
    if (answer.of_the_sender || suspension_.active() || ++blocks_ >= kBlocksOfRecipients) return blocked(now);
    return Change::none;
  }
  blocks_ = 0;
  learn(answer, asked, now);
  if (answer.sign == Sign::taken || answer.sign == Sign::refused) {
    return suspension_.passed() ? lifted(now) : Change::none;
  }
  suspension_.unclear(now);
  return answer.sign == Sign::lost ? Change::none : pause(answer, now);
}

void Shape::learn(const Answer& answer, Time asked, Time now) {
  if (answer.sign == Sign::lost) return;
  pace_.answered(answer.sign == Sign::slow_down, asked, now);
  if (answer.sign == Sign::too_many_connections) limit_.refused(open_ - 1, now);
}

Shape::Change Shape::blocked(Time now) {
  blocks_ = 0;
  if (suspension_.trying()) foreign_ = false;  // from now on it is for us to try
  return suspension_.blocked(now) ? Change::suspended : Change::none;
}

Shape::Change Shape::lifted(Time now) {
  foreign_ = false;
  pace_.restart(allowance_.limits.start_per_second > 0 ? allowance_.limits.start_per_second : kRestart, now);
  return Change::lifted;
}

void Shape::hear(std::span<const cluster::Part> parts, Time asked, Time now, Duration lease) {
  allotment_->hear(parts, asked, now, lease);
  for (std::size_t i = 0; i < windows_.size(); ++i) windows_[i].set_most(allotment_->most(i));
}

bool Shape::wants_one_gone(Time now) {
  if (!allotment_ || connections_ - leaving_ <= allotment_->connections(now)) return false;
  ++leaving_;
  return true;
}

std::optional<cluster::Rest> Shape::news(Time now) {
  cluster::Rest rest{.receiver = allowance_.receiver, .node = {}, .until = rests_until(), .blocked = suspended()};
  if (!rest.blocked && told_blocked_) {
    told_blocked_ = false;
    told_until_ = {};
    rest.over = true;
    return rest;
  }
  if (foreign_ || rest.until <= std::max(told_until_, now + (rest.blocked ? Duration{0} : kShortRest))) {
    return std::nullopt;
  }
  told_until_ = rest.until;
  told_blocked_ = rest.blocked;
  return rest;
}

Shape::Change Shape::hear(const cluster::Rest* rest, Time now) {
  if (rest == nullptr) {
    if (!foreign_) return Change::none;
    told_blocked_ = false;
    told_until_ = {};
    return suspension_.lift() ? lifted(now) : Change::none;
  }
  told_until_ = std::max(told_until_, rest->until);
  if (!rest->blocked) {
    paused_until_ = std::max(paused_until_, rest->until);
    return Change::none;
  }
  const bool begins = !suspension_.active();
  suspension_.adopt(rest->until + kOthersTry);
  foreign_ = told_blocked_ = true;
  return begins ? Change::suspended : Change::none;
}

/// The provider's own words for how long it wants to be left alone.
Shape::Change Shape::pause(const Answer& answer, Time now) {
  if (allowance_.provider == nullptr || allowance_.provider->back_offs.empty()) return Change::none;
  const std::string text = base::ascii_lower(answer.text);
  for (const provider::BackOff& rule : allowance_.provider->back_offs) {
    if (!fits(rule, answer, text)) continue;
    const bool begins = paused_until_ <= now;
    paused_until_ = std::max(paused_until_, now + rule.pause);
    return begins ? Change::paused : Change::none;
  }
  return Change::none;
}

bool Shape::rests_shortly(Time now) const {
  return !suspension_.active() && paused_until_ > now && paused_until_ <= now + kShortRest;
}

bool Shape::forgettable(Time now) {
  if (!pace_.open() || limit_.lowered() || suspension_.active() || paused_until_ > now) return false;
  for (Window& window : windows_) {
    if (window.taken(now) > 0) return false;
  }
  return sources_.settled();
}

Time Shape::rests_until() const {
  return suspension_.active() ? std::max(paused_until_, suspension_.try_at()) : paused_until_;
}

double Shape::speed() const {
  double least = pace_.rate();
  for (const Window& window : windows_) {
    const double rate = 1000 * static_cast<double>(window.most()) / static_cast<double>(window.span().count());
    least = least > 0 ? std::min(least, rate) : rate;
  }
  return least;
}

}  // namespace todoku::delivery
