#include "delivery/lane.h"

#include <algorithm>

namespace todoku::delivery {

void Lane::add(std::shared_ptr<Work> work) {
  const queue::Priority priority = work->batch().priority;
  const auto behind = std::ranges::find_if(
      works_, [priority](const std::shared_ptr<Work>& other) { return other->batch().priority < priority; });
  works_.insert(behind, std::move(work));
}

std::size_t Lane::waiting() const {
  std::size_t all = 0;
  for (const auto& work : works_) all += work->waiting();
  return all;
}

std::shared_ptr<Work> Lane::drop_last() {
  std::shared_ptr<Work> last = std::move(works_.back());
  works_.pop_back();
  return last;
}

std::optional<Turn> Lane::take() {
  while (!works_.empty()) {
    if (const auto contact = works_.front()->take()) return Turn{works_.front(), *contact};
    works_.pop_front();
  }
  return std::nullopt;
}

void Lane::give_back(const Turn& turn) {
  turn.work->give_back(turn.contact);
  if (std::ranges::find(works_, turn.work) == works_.end()) works_.push_front(turn.work);
}

}  // namespace todoku::delivery
