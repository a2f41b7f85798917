#include "delivery/allotment.h"

#include <algorithm>

namespace todoku::delivery {
namespace {

using base::Duration;
using base::Time;

constexpr Duration kLongSpan = std::chrono::hours(1);
constexpr Duration kSoon{50};              // until an answer is there
constexpr Duration kUntilTold{1'000};      // who waits for a connection is woken by the answer
constexpr Duration kOthersHaveIt{15'000};  // nothing is ours: mails are better off with the nodes that have it
constexpr Duration kMargin{3'000};         // clocks of nodes differ
constexpr std::int64_t kLotsAhead = 3;     // a lot lasts so many of its lives, if mails go evenly

}  // namespace

Allotment::Allotment(std::string receiver, int connections, std::span<const Window> windows)
    : receiver_(std::move(receiver)) {
  parts_.push_back({.most = connections});
  for (const Window& window : windows) {
    parts_.push_back({.span = window.span(),
                      .most = window.most(),
                      .lots = window.span() >= kLongSpan,
                      .held = cluster::Holding(window.span())});
  }
}

int Allotment::connections(Time now) const { return now < until_ ? static_cast<int>(parts_[0].held.allowed()) : 0; }

std::int64_t Allotment::most(std::size_t window) const {
  const Part& part = parts_[window + 1];
  return part.lots ? part.most : part.held.allowed();
}

Time Allotment::again(std::size_t index, Time now) const {
  const Part& part = parts_[index];
  // What was never asked for may be free.
  if (now >= until_ || part.fair > 0 || part.wanted == 0) return now + kSoon;
  return std::max(now + (part.lots ? kSoon : kOthersHaveIt), part.free_at);
}

Time Allotment::connection_at(Time now) const { return std::max(again(0, now), now + kUntilTold); }

Time Allotment::free_at(Time now) const {
  if (now >= until_) return now + kSoon;
  Time free = now;
  for (std::size_t i = 1; i < parts_.size(); ++i) {
    const Part& part = parts_[i];
    const bool some = part.lots ? part.left > 0 && now < part.lot_until && !asking_ : part.held.allowed() > 0;
    if (!some) free = std::max(free, asking_ ? now + kSoon : again(i, now));
  }
  return free;
}

void Allotment::take() {
  for (Part& part : parts_) {
    if (part.lots) --part.left;
  }
}

/// Wants fade rather than end, so that a part is not given away between two batches.
void Allotment::want(Part& part, std::int64_t waiting) const {
  std::int64_t most = part.most;
  if (part.lots) {
    most = std::clamp<std::int64_t>(kLotsAhead * most * cluster::kLotLife.count() / part.span.count(), 1, most);
  }
  part.wanted = waiting == 0 && waiting_ == 0 ? 0 : std::min(std::max(waiting, part.wanted / 2), most);
}

void Allotment::ask(std::int64_t waiting, int connections, Time now, std::vector<cluster::Line>& into) {
  for (Part& part : parts_) {
    const bool is_connections = &part == parts_.data();
    want(part, is_connections ? waiting + connections : waiting);
    cluster::Line line{.receiver = receiver_, .span = part.span, .most = part.most, .lots = part.lots};
    line.wanted = part.wanted;
    line.held = part.lots ? part.left : part.held.held(now, is_connections ? connections : 0);
    line.lot_until = part.lot_until;
    into.push_back(std::move(line));
  }
  waiting_ = waiting;
  asking_ = true;
}

void Allotment::hear(std::span<const cluster::Part> parts, Time asked, Time now, Duration lease) {
  asking_ = false;
  until_ = asked + std::max(lease - kMargin, lease / 2);
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    Part& part = parts_[i];
    part.fair = parts[i].fair;
    part.free_at = parts[i].free_at;
    if (part.lots) {
      part.left = parts[i].granted;
      part.lot_until = asked + cluster::kLotLife;
    } else {
      part.held.allow(parts[i].granted, now);
    }
  }
}

void Allotment::give_up(std::vector<cluster::Line>& into) const {
  for (const Part& part : parts_) {
    into.push_back({.receiver = receiver_,
                    .span = part.span,
                    .most = part.most,
                    .lots = part.lots,
                    .held = part.lots ? part.left : 0,
                    .lot_until = part.lot_until});
  }
}

void Allotment::missed() {
  asking_ = false;
  for (Part& part : parts_) part.left = 0;
}

bool Allotment::lacking(Time now) const {
  if (asking_) return false;
  if (now >= until_) return true;
  return std::ranges::any_of(parts_, [now](const Part& part) {
    if (part.lots) return part.left == 0 && part.free_at <= now;
    return part.held.allowed() == 0 && (part.fair > 0 || part.wanted == 0);
  });
}

}  // namespace todoku::delivery
