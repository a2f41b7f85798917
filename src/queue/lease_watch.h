// Who of those that leased batches is dead: whoever does not renew its leases for a lease's length, by the watcher's
// own clock. What the end of a lease says of the time does not count, only whether it moves: so nobody takes a living
// one's batches, and nobody waits for a dead one's for hours, however far the machines' clocks are apart or jump.
#pragma once
#include <map>
#include <vector>

#include "base/clock.h"
#include "queue/queue.h"

namespace todoku::queue {

class LeaseWatch {
 public:
  explicit LeaseWatch(base::Duration patience) : patience_(patience) {}

  /// `all` the leases there are, several times within `patience`; `now` by a clock that does not jump. Those that have
  /// stood there all the time since.
  [[nodiscard]] std::vector<Lease> dead(const std::vector<Lease>& all, base::Time now);

  /// The database was away, so perhaps nobody could renew anything: everybody gets another `patience`.
  void forget() { since_.clear(); }

 private:
  base::Duration patience_;
  base::Time looked_at_{};
  std::map<Lease, base::Time> since_;
};

}  // namespace todoku::queue
