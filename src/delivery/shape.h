// Who may send to one receiver, and when: its limits, what its replies taught, and our addresses.
//
// A connection is asked for with connect() and ends with refused() or closed(); each mail over it is asked for with
// ask() and ends with answered() or unsent(). Whatever is not allowed now comes with the time to ask again. Limits hold
// for what was asked and granted, so in no second, minute, hour or day are more mails begun. Where several nodes share
// the limits (share()), this one uses its Allotment of them. Pure; one thread; some tens of nanoseconds a mail.
#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "cluster/ledger.h"
#include "delivery/allotment.h"
#include "delivery/allowance.h"
#include "delivery/connection_limit.h"
#include "delivery/pace.h"
#include "delivery/sign.h"
#include "delivery/source_pool.h"
#include "delivery/suspension.h"
#include "delivery/window.h"

namespace todoku::delivery {

class Shape {
 public:
  explicit Shape(Allowance allowance, std::span<const Source> sources = {});

  /// An event for the log and the operator.
  enum class Change : std::uint8_t {
    none,
    paused,     // by the provider's own words, until rests_until()
    suspended,  // blocked: until a try is taken
    lifted,     // it was taken
  };

  struct Opening {
    bool granted = false;
    std::size_t source = 0;
    base::Time again{};  // where it is not granted: when to ask again, if not a connection ends before
  };
  [[nodiscard]] Opening connect(base::Time now);
  void opened(std::size_t source, base::Time now);
  /// Not taken, or not reached (Sign::lost).
  Change refused(std::size_t source, const Answer& answer, base::Time now);
  void closed(std::size_t source);

  /// At most `now`: one mail is granted, from this source. Else when to ask again.
  [[nodiscard]] base::Time ask(std::size_t source, base::Time now);
  void unsent(std::size_t source);
  Change answered(std::size_t source, const Answer& answer, base::Time asked, base::Time now);

  /// From now on only what the cluster's other nodes leave of the limits is used. Once, before anything is asked for.
  void share() { allotment_.emplace(allowance_.receiver, allowance_.limits.connections, windows_); }
  /// Null: the limits are not shared.
  [[nodiscard]] Allotment* allotment() { return allotment_ ? &*allotment_ : nullptr; }
  void hear(std::span<const cluster::Part> parts, base::Time asked, base::Time now, base::Duration lease);
  /// More connections are open than are allowed any more: this one is to end after its mail.
  [[nodiscard]] bool wants_one_gone(base::Time now);

  /// What the other nodes should know: that the receiver blocked us, asked for a pause, or took a try.
  [[nodiscard]] std::optional<cluster::Rest> news(base::Time now);
  /// What they know; null: of no rest.
  Change hear(const cluster::Rest* rest, base::Time now);

  /// A connection that waits for the time ask() named: while there is one, no other is needed.
  void falls_asleep() { ++asleep_; }
  void wakes() { --asleep_; }
  [[nodiscard]] int asleep() const { return asleep_; }

  /// When a mail may be sent again, as far as it is known; `now` if it is now.
  [[nodiscard]] base::Time free_at(base::Time now);
  [[nodiscard]] base::Time free_at(std::size_t source, base::Time now) {
    return std::max(free_at(now), sources_.free_at(source, now));
  }
  /// It is refusing connections, and may be tried again within seconds.
  [[nodiscard]] bool rests_shortly(base::Time now) const;
  /// Nothing would be lost if this were made anew.
  [[nodiscard]] bool forgettable(base::Time now);
  /// The end of a pause, or the next try of a suspension; past if there is neither.
  [[nodiscard]] base::Time rests_until() const;
  [[nodiscard]] bool suspended() const { return suspension_.active(); }
  /// Mails a second that go at most, by limits and replies; 0: nothing is known to hold it up.
  [[nodiscard]] double speed() const;
  [[nodiscard]] int connections() const { return connections_; }
  [[nodiscard]] const Allowance& allowance() const { return allowance_; }
  [[nodiscard]] const Pace& pace() const { return pace_; }
  [[nodiscard]] SourcePool& sources() { return sources_; }
  [[nodiscard]] std::vector<Window>& windows() { return windows_; }

 private:
  Change blocked(base::Time now);
  Change lifted(base::Time now);
  Change pause(const Answer& answer, base::Time now);
  void learn(const Answer& answer, base::Time asked, base::Time now);

  Allowance allowance_;
  bool learns_;  // a smart host's replies tell of others; only where it is given a start
  Pace pace_;
  ConnectionLimit limit_;
  Suspension suspension_;
  SourcePool sources_;
  std::vector<Window> windows_;
  base::Time paused_until_{};
  int connections_ = 0;  // open, and on their way
  int open_ = 0;
  int asleep_ = 0;
  int blocks_ = 0;    // in a row
  int failures_ = 0;  // connections refused for speed, in a row, with none open
  std::optional<Allotment> allotment_;
  int leaving_ = 0;            // connections that are to end
  bool foreign_ = false;       // another node was blocked, and tries
  bool told_blocked_ = false;  // the others know of a block, by us or from them
  base::Time told_until_{};    // they know of a rest until then
};

}  // namespace todoku::delivery
