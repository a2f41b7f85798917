// What the operator's systems are to hear of: each change of a contact's state, in an outbox.
//
// The database itself writes a notice for each target into the table in the very transaction that changes the state
// (trigger contact_state_notice, migration 0015), whoever changes it. Notices of one contact go to a target one after
// the other, in their order; a notice is taken from the outbox once the target has said so, so it comes at least once.
// After too many tries it is dead: it waits for a person and holds the later ones up no longer.
//
// Functions take the connection of the caller's transaction and do not commit.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "store/connection.h"

namespace todoku::remedy {

using NoticeId = base::Id<struct NoticeTag>;

struct Notice {
  NoticeId id;
  std::string target;  // its name
  base::ContactId contact;
  std::string address;  // as it was then
  std::string state, state_before;
  std::string reason;  // of a stop and its release: bounce::Reason; of a refusal: as in the suppression
  base::CampaignId campaign;
  base::Time at;
  bool dead = false;
  std::int64_t tries = 0;
  base::Time due_at;
  std::string problem;  // why the last try failed
};

/// "contact.stopped", "contact.released", "contact.unsubscribed", "contact.suppressed"; else "contact.changed".
[[nodiscard]] std::string_view type_of(const Notice& notice);
/// The body of the post: one JSON object; docs/remedies.md describes it.
[[nodiscard]] std::string body_of(const Notice& notice);
/// "t=SECONDS,v1=HEX": HMAC-SHA256 with the target's secret over "SECONDS.BODY", for the field Todoku-Signature.
[[nodiscard]] std::string signature_of(std::string_view secret, std::string_view body, base::Time now);

/// From now on these targets get notices, and no others.
void set_targets(store::Connection& db, const std::vector<std::string>& names, base::Time now);

/// Whether claim_notices() may find one; reads only.
[[nodiscard]] bool has_due_notice(store::Connection& db, std::string_view target, base::Time now);
/// At most `most` notices whose turn it is, leased until then: nobody else gets them before.
[[nodiscard]] std::vector<Notice> claim_notices(store::Connection& db, std::string_view target, base::Time now,
                                                base::Time until, std::int64_t most);
/// The target has taken it.
void settle_notice(store::Connection& db, const Notice& notice, base::Time now);
/// It has not. No next time: it is dead.
void put_off_notice(store::Connection& db, const Notice& notice, std::optional<base::Time> next,
                    std::string_view problem);

struct NoticeFilter {
  std::string target = {};
  std::string place = {};  // "waiting", "dead"; empty: both
  std::int64_t limit = 100;
};
/// In the order in which it happened.
[[nodiscard]] std::vector<Notice> find_notices(store::Connection& db, const NoticeFilter& filter);

/// Dead and waiting ones are tried at once, with all their tries before them: one, or all where there is no id; how
/// many.
std::int64_t retry_notices(store::Connection& db, std::optional<NoticeId> id, base::Time now);

struct TargetCount {
  std::string name;
  bool active = false;
  std::int64_t waiting = 0, dead = 0, sent = 0;
  std::optional<base::Time> sent_at;
  std::string problem;  // of the last try, where that failed
};
[[nodiscard]] std::vector<TargetCount> count_notices(store::Connection& db);

}  // namespace todoku::remedy
