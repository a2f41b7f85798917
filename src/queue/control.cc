#include "queue/control.h"

#include <algorithm>
#include <vector>

#include "queue/contact_list.h"
#include "queue/outcomes.h"
#include "queue/queue_queries.h"

namespace todoku::queue {
namespace {

CampaignState state_of(store::Connection& db, base::CampaignId campaign) {
  return static_cast<CampaignState>(db.query_integer(kSelectCampaign, {campaign}).value_or(0));
}

void set_state(store::Connection& db, base::CampaignId campaign, CampaignState state) {
  db.execute(kAddCampaign, {campaign});
  db.execute(kSetCampaignState, {campaign, static_cast<int>(state)});
}

struct Cancelled {
  Outcome like;
  std::vector<base::ContactId> contacts;
};

void settle(store::Connection& db, Cancelled& batch) {
  const Progress progress = progress_of(db, batch.like.campaign, batch.like.batch);
  std::erase_if(batch.contacts,
                [&](base::ContactId contact) { return std::ranges::binary_search(progress.final, contact); });
  append_cancelled(db, batch.like, batch.contacts);
  db.execute(kDelete, {batch.like.batch});
}

}  // namespace

void pause(store::Connection& db, base::CampaignId campaign) {
  if (state_of(db, campaign) == CampaignState::cancelled) return;
  set_state(db, campaign, CampaignState::paused);
  db.execute(kHold, {campaign});
}

void resume(store::Connection& db, base::CampaignId campaign) {
  if (state_of(db, campaign) != CampaignState::paused) return;
  set_state(db, campaign, CampaignState::running);
  db.execute(kUnhold, {campaign});
}

void cancel(store::Connection& db, base::CampaignId campaign) {
  set_state(db, campaign, CampaignState::cancelled);
  db.execute(kHold, {campaign});
}

bool is_running(store::Connection& db, base::CampaignId campaign) {
  return state_of(db, campaign) == CampaignState::running;
}

std::int64_t settle_cancelled(store::Connection& db, base::Time now, int max_batches) {
  std::vector<Cancelled> batches;
  {
    store::Rows rows = db.query(kCancelledBatches, {max_batches});
    while (rows.next()) {
      Cancelled& batch = batches.emplace_back();
      batch.like.batch = {rows.integer(0)};
      batch.like.campaign = {rows.integer(1)};
      batch.like.attempt = static_cast<int>(rows.integer(2));
      batch.like.site = rows.text(3);
      batch.like.at = now;
      batch.contacts = unpack_contacts(rows.bytes(4));
    }
  }
  for (Cancelled& batch : batches) settle(db, batch);
  return static_cast<std::int64_t>(batches.size());
}

}  // namespace todoku::queue
