#include "campaign/reopen.h"

#include <fmt/format.h>

namespace todoku::campaign {
namespace {

constexpr std::string_view kReopen =
    "update campaign set state = 'sending', finished_at = null where id = ?1 and state = 'finished'";

}  // namespace

base::Result<void> can_reopen(const Campaign& campaign) {
  if (campaign.state == State::draft || campaign.state == State::cancelled) {
    return base::Error{
        base::ErrorCode::refused,
        fmt::format("campaign '{}' is {} and cannot be sent again", campaign.name, to_string(campaign.state)), "", ""};
  }
  return base::done;
}

base::Result<void> reopen(store::Connection& db, const Campaign& campaign) {
  if (auto fit = can_reopen(campaign); !fit) return fit;
  db.execute(kReopen, {campaign.id});
  return base::done;
}

}  // namespace todoku::campaign
