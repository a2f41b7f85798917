// Contacts that errors stopped: who, why, since when, and the way back.
//
// A stop is open until it is released; a release gives the contact the state it had before and forgets its error
// counts. Who refused mail in the meantime stays as they are.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audience/contact.h"
#include "base/clock.h"
#include "base/id.h"
#include "bounce/reason.h"
#include "store/connection.h"

namespace todoku::audience {

using StopId = base::Id<struct StopTag>;

struct Stop {
  StopId id;
  base::ContactId contact;
  std::string address;
  std::string name;
  bounce::Reason reason = bounce::Reason::unknown;
  std::int64_t errors = 0;  // in a row, when it was stopped
  base::CampaignId campaign;
  std::string reply;
  base::Time at;
  std::string rule;          // that decided; empty: not known
  std::int64_t version = 0;  // of the policy it stood in; 0: the defaults
};

/// Which open stops; what is not given does not narrow.
struct StopFilter {
  std::optional<bounce::Reason> reason = {};
  std::optional<base::ListId> list = {};
  std::optional<base::ContactId> contact = {};
  std::string domain = {};  // of the address, in A-labels
  StopId after = {};        // for pages: the last id of the page before
  std::int64_t limit = 1000;
};
/// In order of id, which is the order of time.
[[nodiscard]] std::vector<Stop> find_stops(store::Connection& db, const StopFilter& filter);

struct StopCount {
  bounce::Reason reason;
  std::int64_t stops;
};
/// All open stops of the filter by reason, most first; its page does not matter.
[[nodiscard]] std::vector<StopCount> count_stops(store::Connection& db, const StopFilter& filter);

/// A stop of the past, open or not; those held back by an outage are none.
struct PastStop {
  base::ContactId contact;
  bounce::Reason reason = bounce::Reason::unknown;
  base::Time at;
  std::optional<base::Time> released_at;
};
/// Those that errors led to by the policy, of these contacts; in order of time for each.
[[nodiscard]] std::vector<PastStop> past_stops(store::Connection& db, std::span<const std::int64_t> contacts);

/// Everything that is kept of a stop, for its story.
struct StopRecord {
  Stop stop;
  std::optional<base::Time> released_at;
  std::string release_note;
  bool held = false;  // for review, in an outage of its receiver
};
/// All stops of a contact, open ones, released ones and held ones, in order of time.
[[nodiscard]] std::vector<StopRecord> stops_of(store::Connection& db, base::ContactId contact);
/// Whose stop that is; none where there is no such stop.
[[nodiscard]] base::ContactId contact_of(store::Connection& db, StopId stop);

/// True where the cause lies in the address itself, so that it would fail again unless something was done about it.
[[nodiscard]] bool would_fail_again(bounce::Reason reason);

/// Releases these stops, which must be open ones. `note`: who or why, kept with the stop.
void release_stops(store::Connection& db, const std::vector<Stop>& stops, std::string_view note, base::Time now);

}  // namespace todoku::audience
