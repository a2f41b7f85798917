// The SQL of the tables batch and queue_campaign.
#pragma once
#include <cstdint>
#include <string_view>

namespace todoku::queue {

// Values of batch.state and queue_campaign.state, see 0003-queue.sql.
enum class BatchState : std::uint8_t { ready, timed, held };
enum class CampaignState : std::uint8_t { running, paused, cancelled };

inline constexpr std::string_view kBatchColumns =
    "campaign, site, attempt, contacts, count, due_at, laid_at, state, priority, turn, reason";

inline constexpr std::string_view kAddCampaign =
    "insert into queue_campaign (campaign, state, recipients, next_turn) values (?1, 0, 0, "
    "coalesce((select min(turn) from batch where state = 0), 0)) on conflict (campaign) do nothing";
inline constexpr std::string_view kSelectCampaign = "select state, next_turn from queue_campaign where campaign = ?1";
inline constexpr std::string_view kAddRecipients =
    "update queue_campaign set recipients = recipients + ?2, next_turn = next_turn + ?3 where campaign = ?1";
inline constexpr std::string_view kSetCampaignState = "update queue_campaign set state = ?2 where campaign = ?1";

// What may be claimed from now on turns ready, or held if its campaign does not run.
#define TODOKU_READY_OR_HELD                                                                                           \
  "update batch set state = case when campaign in (select campaign from queue_campaign where state <> 0) then 2 else " \
  "0 end "
inline constexpr std::string_view kPromote = TODOKU_READY_OR_HELD
    "where id in (select id from batch where state = 1 and owner is null and due_at <= ?1 order by due_at limit 1000 "
    "$skip_locked)";
inline constexpr std::string_view kClaim =
    "select b.id, b.campaign, coalesce(w.text, ''), b.attempt, b.contacts, b.laid_at, b.priority, b.owner "
    "from batch b left join word w on w.id = b.site where b.id in (select id from batch where state = 0 "
    "and site not in in_list(?1) and priority >= ?3 order by priority desc, turn, id limit ?2 $skip_locked) "
    "order by b.priority desc, b.turn, b.id";
inline constexpr std::string_view kLease =
    "update batch set state = 1, owner = ?2, due_at = ?3 where state = 0 and id in in_list(?1)";
inline constexpr std::string_view kRenew =
    "update batch set due_at = ?3 where owner = ?2 and state = 1 and id in in_list(?1) "
    "and campaign not in (select campaign from queue_campaign where state <> 0) returning id";
inline constexpr std::string_view kEnd =
    "delete from batch where id = ?1 and owner = ?2 "
    "returning campaign, site, attempt, laid_at, priority, turn, reason, contacts";
inline constexpr std::string_view kNextDue = "select min(due_at) from batch where state = 1";
inline constexpr std::string_view kAnyReady = "select 1 from batch where state = 0 limit 1";

inline constexpr std::string_view kLeases =
    "select owner, due_at from batch where owner is not null and state = 1 group by owner, due_at";
// The owner of a lease that was ended stays, as the sign that outcomes may be there.
inline constexpr std::string_view kEndLease = TODOKU_READY_OR_HELD "where owner = ?1 and due_at = ?2 and state = 1";
inline constexpr std::string_view kEndAllLeases = TODOKU_READY_OR_HELD "where owner is not null and state = 1";

inline constexpr std::string_view kHold =
    "update batch set state = 2 where campaign = ?1 and (state = 0 or (state = 1 and owner is null))";
inline constexpr std::string_view kUnhold =
    "update batch set state = case when owner is null then 1 else 0 end where campaign = ?1 and state = 2";
inline constexpr std::string_view kCancelledBatches =
    "select b.id, b.campaign, b.attempt, coalesce(w.text, ''), b.contacts from batch b left join word w on w.id = "
    "b.site "
    "where b.id in (select id from batch where state = 2 "
    "and campaign in (select campaign from queue_campaign where state = 2) limit ?1 $skip_locked) order by b.id";
inline constexpr std::string_view kDelete = "delete from batch where id = ?1";

}  // namespace todoku::queue
