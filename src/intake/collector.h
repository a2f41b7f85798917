// Hands arrivals of many sessions to a Taker in groups: what comes while one group is taken over makes up the next.
//
// So the database commits once for hundreds of mails, and a single mail waits for nobody. Bounded: where more bytes
// wait than it may keep, it says so, and the sender comes again later.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "intake/arrival.h"
#include "net/runtime.h"

namespace todoku::intake {

struct CollectorOptions {
  std::size_t group = 500;       // arrivals in one take(), about
  std::size_t bytes = 64 << 20;  // that may wait; one mail always may
  int at_once = 2;               // groups being taken over
};

class Collector {
 public:
  enum class End : std::uint8_t {
    taken,   // on disk
    failed,  // not known to be on disk: the sender is to keep it
    full,    // likewise, since too much waits
  };

  /// Both live longer; so does this than the runtime's tasks.
  Collector(Taker& taker, net::Runtime& runtime, CollectorOptions options = {});
  ~Collector();
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;

  /// All of them or none. From a task on any I/O thread.
  [[nodiscard]] net::Task<End> take(std::vector<Arrival> arrivals);

 private:
  struct Parcel;
  using Group = std::vector<std::shared_ptr<Parcel>>;
  static net::Task<> hand_over(Collector* collector);
  [[nodiscard]] Group next_group();
  [[nodiscard]] bool take_together(const Group& group);
  void take_each(const Group& group);

  Taker& taker_;
  net::Runtime& runtime_;
  const CollectorOptions options_;
  std::mutex mutex_;
  std::deque<std::shared_ptr<Parcel>> waiting_;  // guarded by mutex_; shared with the session that waits for its end
  std::size_t bytes_ = 0;                        // likewise; of those waiting and those being taken over
  int running_ = 0;                              // likewise
};

}  // namespace todoku::intake
