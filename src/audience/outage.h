// Keeps a provider that errs from costing us living readers: one that answers "no such user" to everybody, say.
//
// Where a site's permanent address errors leap far above its own history, an outage begins: stops since its beginning
// are taken back and held for review, no error of that site counts until its share is low again, and nothing is sent
// there for a while (hold_until), then a few mails try. One step carries the held stops out or drops them.
//
// Functions take the connection of the caller's transaction and do not commit.
#pragma once
#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audience/stop_policy.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "store/connection.h"

namespace todoku::audience {

using OutageId = base::Id<struct OutageTag>;

/// One minute of a site, the newest first in a window.
struct SiteMinute {
  std::int64_t minute = 0;
  std::int64_t sent = 0;
  std::int64_t errors = 0;
  std::int64_t late = 0;
};

/// When errors are an outage.
struct OutageLimits {
  std::int64_t window = 20;         // minutes that are looked at
  std::int64_t late_window = 60;    // the same for bounces; against the mails of a day
  std::int64_t errors = 15;         // at least so many
  std::int64_t sent_in_a_day = 50;  // and for late ones so many mails to weigh them against
  double share = 0.2;               // and this share of what was sent
  double times_usual = 5;           // and so many times the usual share
  double over = 0.1;                // ended once the share of the last minutes is below
  std::int64_t calm = 10;           // of so many mails at least
  base::Duration rest{600'000};     // first hold; doubled each time
  base::Duration longest_rest{7'200'000};
};

struct Leap {
  std::int64_t began = 0;  // minute
  std::int64_t sent = 0;
  std::int64_t errors = 0;
};
/// Pure. `window`: the newest first; `now`: the minute. Nothing where errors are as usual.
[[nodiscard]] std::optional<Leap> find_leap(const OutageLimits& limits, std::span<const SiteMinute> window,
                                            double usual, std::int64_t now);
/// Pure: the share of errors since `since` is low again.
[[nodiscard]] bool is_calm(const OutageLimits& limits, std::span<const SiteMinute> window, std::int64_t since);

struct Outage {
  OutageId id;
  std::string site;
  base::Time began_at, noticed_at;
  std::optional<base::Time> ended_at;
  base::Time hold_until;
  base::Duration rest{0};
  std::int64_t sent = 0, errors = 0;
  double usual = 0;
  std::string decision;   // empty: none yet
  std::int64_t held = 0;  // stops that wait for it
};

/// Thread-safe. Counts every site: the share of errors means nothing where only bad news is counted.
class OutageGuard {
 public:
  explicit OutageGuard(OutageLimits limits = {}) : limits_(limits) {}

  /// Counts a group's events; opens, prolongs and ends outages. The open ones of the group's sites.
  [[nodiscard]] std::map<std::string, OutageId> watch(store::Connection& db, std::span<const Event> events);

 private:
  struct Counts;
  void look(store::Connection& db, const std::string& site, const Counts& counts);
  void open(store::Connection& db, const std::string& site, const Leap& leap, double usual, base::Time now);
  void forget_old(store::Connection& db, base::Time now);

  const OutageLimits limits_;
  std::atomic<std::int64_t> forgot_ = 0;  // minute
};

/// Those that are open or wait for a decision, the newest first.
[[nodiscard]] std::vector<Outage> outages(store::Connection& db);
/// Sites that nothing is to be sent to now, and until when.
[[nodiscard]] std::map<std::string, base::Time> held_sites(store::Connection& db, base::Time now);

/// Holds the stop of a contact back, which these rules decided; once for each contact and outage.
void hold_stop(store::Connection& db, OutageId outage, const Event& event, std::string_view state,
               const StopRules& rules);

/// Carries out what was held (`stop`), or lets it go; how many contacts. Errors: `not_found`, `exists` where it was
/// decided before.
[[nodiscard]] base::Result<std::int64_t> decide_outage(store::Connection& db, OutageId outage, bool stop,
                                                       base::Time now);

}  // namespace todoku::audience
