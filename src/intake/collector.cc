#include "intake/collector.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <iterator>
#include <utility>

#include "base/log.h"
#include "net/signal.h"
#include "store/connection.h"

namespace todoku::intake {
namespace {

constexpr base::Duration kPatience = std::chrono::minutes(3);  // RFC 5321 gives us ten

std::size_t size_of(const std::vector<Arrival>& arrivals) {
  std::size_t bytes = 0;
  for (const Arrival& arrival : arrivals) bytes += arrival.content.size() + sizeof(Arrival);
  return bytes;
}

}  // namespace

struct Collector::Parcel {
  std::vector<Arrival> arrivals;
  std::size_t bytes = 0;
  std::atomic<End> end = End::failed;
  net::Signal over;
};

Collector::Collector(Taker& taker, net::Runtime& runtime, CollectorOptions options)
    : taker_(taker), runtime_(runtime), options_(options) {}
Collector::~Collector() = default;

net::Task<Collector::End> Collector::take(std::vector<Arrival> arrivals) {
  auto parcel = std::make_shared<Parcel>();
  parcel->bytes = size_of(arrivals);
  parcel->arrivals = std::move(arrivals);
  bool start = false;
  {
    const std::lock_guard lock(mutex_);
    if (bytes_ > 0 && bytes_ + parcel->bytes > options_.bytes) co_return End::full;
    bytes_ += parcel->bytes;
    waiting_.push_back(parcel);
    start = running_ < options_.at_once;
    if (start) ++running_;
  }
  if (start) runtime_.spawn(hand_over(this));
  const bool over = co_await parcel->over.wait(kPatience);
  co_return over ? parcel->end.load() : End::failed;
}

net::Task<> Collector::hand_over(Collector* collector) {
  for (;;) {
    Group group = collector->next_group();
    if (group.empty()) co_return;
    co_await collector->runtime_.offload([collector, &group] {
      if (!collector->take_together(group) && group.size() > 1) collector->take_each(group);
    });
    for (const auto& parcel : group) parcel->over.set();
    const std::lock_guard lock(collector->mutex_);
    for (const auto& parcel : group) collector->bytes_ -= parcel->bytes;
  }
}

/// Empty: the one who asks ends.
Collector::Group Collector::next_group() {
  const std::lock_guard lock(mutex_);
  Group group;
  std::size_t arrivals = 0;
  while (!waiting_.empty() && arrivals < options_.group) {
    arrivals += waiting_.front()->arrivals.size();
    group.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  if (group.empty()) --running_;
  return group;
}

namespace {

/// Moved in one list while it lives, and back at its end: the content may be tens of megabytes.
class Together {
 public:
  explicit Together(const std::vector<std::vector<Arrival>*>& parts) : parts_(parts) {
    for (auto* part : parts_) std::ranges::move(*part, std::back_inserter(all_));
  }
  Together(const Together&) = delete;
  Together& operator=(const Together&) = delete;
  ~Together() {
    auto from = all_.begin();
    for (auto* part : parts_) {
      for (Arrival& arrival : *part) arrival = std::move(*from++);
    }
  }
  [[nodiscard]] std::span<const Arrival> all() const { return all_; }

 private:
  const std::vector<std::vector<Arrival>*>& parts_;
  std::vector<Arrival> all_;
};

}  // namespace

/// False where it is worth to try each alone: it may be a single mail that cannot be taken.
bool Collector::take_together(const Group& group) {
  std::vector<std::vector<Arrival>*> parts;
  for (const auto& parcel : group) parts.push_back(&parcel->arrivals);
  try {
    const Together together(parts);
    taker_.take(together.all());
    for (const auto& parcel : group) parcel->end = End::taken;
    return true;
  } catch (const store::Failure& failure) {
    base::log::error("arrivals_not_stored", {{"mails", group.size()}, {"cause", failure.what()}});
    return failure.kind() == store::Failure::Kind::lost;
  } catch (const std::exception& failure) {
    base::log::error("arrivals_not_taken", {{"mails", group.size()}, {"cause", failure.what()}});
    return false;
  }
}

void Collector::take_each(const Group& group) {
  for (const auto& parcel : group) (void)take_together({parcel});
}

}  // namespace todoku::intake
