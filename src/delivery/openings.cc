#include "delivery/openings.h"

namespace todoku::delivery {

void Openings::end(Ticket ticket) {
  if (ticket->left) --left_;
  under_way_.erase(ticket);
}

std::size_t Openings::look(Clock::time_point now) {
  std::size_t leaving = 0;
  for (Opening& opening : under_way_) {
    if (now - opening.since < patience_ || left_ >= most_) break;
    if (opening.left) continue;
    opening.left = true;
    ++leaving;
    ++left_;
  }
  return leaving;
}

}  // namespace todoku::delivery
