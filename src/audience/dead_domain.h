// Domains that may be gone: those of readers whose mail failed because the domain does not exist or takes no mail. DNS
// is asked on several days; where it says so each time, the domain's other readers are stopped together, too. When it
// lives again, this is noted and shown; nobody is released by it.
//
// Who asks DNS is elsewhere; here are the decision and what is stored. Functions take the connection of the caller's
// transaction and do not commit.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "bounce/reason.h"
#include "store/connection.h"

namespace todoku::audience {

/// The rule that stops of this kind are kept with.
inline constexpr std::string_view kDeadDomainRule = "dead_domain";

enum class DomainState : std::uint8_t { suspected, dead, alive };
[[nodiscard]] std::string_view to_string(DomainState state);

struct WatchedDomain {
  std::string domain;  // A-labels
  DomainState state = DomainState::suspected;
  std::int64_t dead_days = 0;  // in a row on which DNS said so
  std::string answer;          // the last one, in words
  base::Time since;            // of the state
  std::optional<base::Time> checked_at;
  base::Time next_check_at;
};

/// What DNS says. unknown: nobody answered; that tells nothing.
enum class DomainAnswer : std::uint8_t { dead, alive, unknown };

/// The domain once the answer is in it; pure. `days`: how many in a row make it dead. `jitter` is put on the day (or
/// the hour after no answer) until the next question.
[[nodiscard]] WatchedDomain after_answer(WatchedDomain domain, DomainAnswer answer, base::Time now, std::int64_t days,
                                         base::Duration jitter);

/// Watches the domains of open stops for these causes that are not watched yet, or lived when they were last asked and
/// failed since; how many.
std::int64_t watch_domains(store::Connection& db, base::Time now);
/// Those to be asked now, at most `limit`; not those that live.
[[nodiscard]] std::vector<WatchedDomain> due_domains(store::Connection& db, base::Time now, std::int64_t limit);
/// For one process at a time: false where another one asks. For an hour, should this one end meanwhile.
[[nodiscard]] bool claim_domain(store::Connection& db, const WatchedDomain& domain, base::Time now);
void store_domain(store::Connection& db, const WatchedDomain& domain);

/// Stops a group of readers of a dead domain for that reason, at most `limit`; how many.
std::int64_t stop_domain(store::Connection& db, const WatchedDomain& domain, bounce::Reason reason, base::Time now,
                         std::int64_t limit);

struct DomainReport {
  WatchedDomain domain;
  std::int64_t stopped = 0;  // readers, by errors or with the domain
  std::int64_t mailed = 0;   // readers that are still mailed
};
/// All that are watched: dead ones first, then the others by name.
[[nodiscard]] std::vector<DomainReport> domain_reports(store::Connection& db);

}  // namespace todoku::audience
