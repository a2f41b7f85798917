#include "delivery/lane.h"

#include <algorithm>
#include <map>

namespace todoku::delivery {

void Lane::add(std::shared_ptr<Work> work) {
  const queue::Batch& batch = work->batch();
  const auto own =
      std::ranges::count_if(works_, [&](const auto& other) { return other->batch().campaign == batch.campaign; });
  std::map<base::CampaignId, std::ptrdiff_t> before;  // works of each campaign
  const auto behind = std::ranges::find_if(works_, [&](const std::shared_ptr<Work>& other) {
    if (other->batch().priority != batch.priority) return other->batch().priority < batch.priority;
    return before[other->batch().campaign]++ > own;
  });
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
