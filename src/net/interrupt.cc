#include "net/interrupt.h"

#include <vector>

namespace todoku::net {

boost::asio::execution_context::id InterruptRegistry::id;

bool InterruptRegistry::enrol(Interruptible* member) {
  std::lock_guard lock(mutex_);
  members_.insert(member);
  return !closed_ && !(listeners_closed_ && member->kind() == Interruptible::Kind::listener);
}

void InterruptRegistry::leave(Interruptible* member) {
  std::lock_guard lock(mutex_);
  members_.erase(member);
}

void InterruptRegistry::interrupt_listeners() { interrupt(true); }
void InterruptRegistry::interrupt_all() { interrupt(false); }

void InterruptRegistry::interrupt(bool listeners_only) {
  std::vector<Interruptible*> chosen;
  {
    std::lock_guard lock(mutex_);
    listeners_closed_ = true;
    closed_ = closed_ || !listeners_only;
    for (auto* member : members_)
      if (!listeners_only || member->kind() == Interruptible::Kind::listener) chosen.push_back(member);
  }
  // Interrupting only cancels; whoever waits is resumed by the loop later, so no member leaves meanwhile.
  for (auto* member : chosen) member->interrupt();
}

}  // namespace todoku::net
