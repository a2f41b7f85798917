// One mail to a stopped contact that finds out whether its address works again.
//
// The mail's outcome and whatever comes back decide: accepted, and nothing came back within a time: the stop is
// released; refused or bounced: it stays, with the new words. Everything is in the database, so that a restart loses
// nothing. One test at a time for a contact, and at most one in kRetestEvery.
//
// Functions take the connection of the caller's transaction and do not commit.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audience/stops.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "store/connection.h"

namespace todoku::audience {

inline constexpr base::Duration kRetestEvery = std::chrono::days{7};

using RetestId = base::Id<struct RetestTag>;

struct Retest {
  RetestId id;
  StopId stop;
  base::ContactId contact;
  base::CampaignId campaign;  // by which queue and bounces know the mail
  base::Time asked_at;
  std::optional<base::Time> accepted_at;
  std::optional<base::Time> decided_at;
  std::string result;  // released, failed, dropped; empty while it is open
  std::string reply;
};

/// Whether a mail may be sent to find out about this stop. Errors: exists (one is under way), limit (the last one is
/// too recent).
[[nodiscard]] base::Result<void> may_retest(store::Connection& db, const Stop& stop, base::Time now);
void add_retest(store::Connection& db, const Stop& stop, base::CampaignId campaign, base::Time now);

/// Those without a decision, the oldest first.
[[nodiscard]] std::vector<Retest> open_retests(store::Connection& db);
/// All of a contact's, in order of time.
[[nodiscard]] std::vector<Retest> retests_of(store::Connection& db, base::ContactId contact);

/// What is known of a test's mail.
struct RetestEvidence {
  std::optional<base::Time> accepted_at = {};  // by the receiving server
  bool given_up = false;                       // not accepted, and not tried again
  bool came_back = false;                      // as a bounce or a complaint, after it was accepted
  bool still_stopped = true;                   // by the very stop that it is about
};
enum class RetestVerdict : std::uint8_t { wait, release, fail, drop };
/// Pure. `wait`: how long nothing may come back.
[[nodiscard]] RetestVerdict judge(const RetestEvidence& seen, base::Time now, base::Duration wait);

void note_accepted(store::Connection& db, const Retest& test, base::Time at);
/// Ends the test; releases the stop where that is the verdict. Not for `wait`.
void settle(store::Connection& db, const Retest& test, RetestVerdict verdict, std::string_view reply, base::Time now);

}  // namespace todoku::audience
