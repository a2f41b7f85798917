#include "queue/queue.h"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "queue/contact_list.h"
#include "queue/queue_queries.h"
#include "queue/words.h"

namespace todoku::queue {
namespace {

constexpr base::Duration kUnplannedRetry = std::chrono::minutes(5);

/// Everything of a new batch but its contacts.
struct NewBatch {
  base::CampaignId campaign;
  std::int64_t site = 0;
  int attempt = 1;
  base::Time due_at;
  base::Time laid_at;
  std::int64_t priority = 0;
  std::int64_t turn = 0;
  std::int64_t reason = 0;
};

/// Each starts timed, even if due at once: claim() turns it ready or held, by its campaign's state.
void add(store::BulkLoad& load, const NewBatch& batch, std::span<const base::ContactId> contacts) {
  const std::string packed = pack_contacts(contacts);
  load.row({batch.campaign, batch.site, batch.attempt, store::Bytes{packed}, static_cast<std::int64_t>(contacts.size()),
            batch.due_at, batch.laid_at, static_cast<int>(BatchState::timed), batch.priority, batch.turn,
            batch.reason});
}

std::int64_t next_turn(store::Connection& db, base::CampaignId campaign) {
  db.execute(kAddCampaign, {campaign});
  store::Rows rows = db.query(kSelectCampaign, {campaign});
  return rows.next() ? rows.integer(1) : 0;
}

CampaignState state_of(store::Connection& db, base::CampaignId campaign) {
  return static_cast<CampaignState>(db.query_integer(kSelectCampaign, {campaign}).value_or(0));
}

std::span<const base::ContactId> slice(const std::vector<base::ContactId>& contacts, std::size_t number) {
  const std::size_t start = number * kBatchSize;
  if (start >= contacts.size()) return {};
  return std::span(contacts).subspan(start, std::min(kBatchSize, contacts.size() - start));
}

}  // namespace

void BatchBuilder::add(std::string_view site, base::ContactId contact) {
  auto place = sites_.find(site);
  if (place == sites_.end()) place = sites_.emplace(site, std::vector<base::ContactId>()).first;
  place->second.push_back(contact);
}

/// Sites alternate, so that all of them are at work early.
std::int64_t BatchBuilder::finish(store::Connection& db) {
  NewBatch batch{.campaign = what_.campaign,
                 .due_at = what_.not_before > what_.now ? what_.not_before : base::Time{},
                 .laid_at = what_.now,
                 .priority = static_cast<std::int64_t>(what_.priority),
                 .turn = next_turn(db, what_.campaign)};
  const std::int64_t first_turn = batch.turn;
  std::vector<std::int64_t> site_ids;
  Words words(db);
  for (auto& [site, contacts] : sites_) {
    std::ranges::sort(contacts);
    contacts.erase(std::ranges::unique(contacts).begin(), contacts.end());
    site_ids.push_back(words.id(site));
  }
  std::int64_t recipients = 0;
  const auto load = db.load("batch", kBatchColumns);
  for (std::size_t number = 0, found = 1; found > 0; ++number) {
    found = 0;
    auto site_id = site_ids.begin();
    for (const auto& [site, contacts] : sites_) {
      batch.site = *site_id++;
      const auto part = slice(contacts, number);
      if (part.empty()) continue;
      queue::add(*load, batch, part);
      ++batch.turn;
      ++found;
      recipients += static_cast<std::int64_t>(part.size());
    }
  }
  load->finish();
  db.execute(kAddRecipients, {what_.campaign, recipients, batch.turn - first_turn});
  sites_.clear();
  return recipients;
}

void lay_down(store::Connection& db, const LayDown& what, std::string_view site,
              std::span<const base::ContactId> contacts) {
  BatchBuilder builder(what);
  for (const base::ContactId contact : contacts) builder.add(site, contact);
  builder.finish(db);
}

std::vector<Batch> claim(store::Connection& db, const Claim& claim) {
  db.execute(kPromote, {claim.now});
  std::vector<std::int64_t> except;
  for (const std::string& site : claim.except_sites) except.push_back(find_word(db, site));
  std::vector<Batch> batches;
  std::vector<std::int64_t> ids;
  {
    store::Rows rows =
        db.query(kClaim, {store::Integers{except}, claim.max_batches, static_cast<std::int64_t>(claim.least)});
    std::int64_t mails = 0;
    while (mails < claim.max_mails && rows.next()) {
      batches.push_back({.id = {rows.integer(0)},
                         .owner = claim.owner,
                         .campaign = {rows.integer(1)},
                         .site = std::string(rows.text(2)),
                         .attempt = static_cast<int>(rows.integer(3)),
                         .priority = static_cast<Priority>(rows.integer(6)),
                         .laid_at = base::from_stored(rows.integer(5)),
                         .contacts = unpack_contacts(rows.bytes(4)),
                         .taken_over = !rows.is_null(7)});
      ids.push_back(rows.integer(0));
      mails += std::ssize(batches.back().contacts);
    }
  }
  if (!ids.empty()) db.execute(kLease, {store::Integers{ids}, claim.owner, claim.now + claim.lease});
  return batches;
}

std::vector<base::BatchId> renew(store::Connection& db, std::string_view owner, std::span<const base::BatchId> batches,
                                 base::Time until) {
  std::vector<std::int64_t> ids;
  for (const base::BatchId batch : batches) ids.push_back(batch.value);
  std::vector<base::BatchId> renewed;
  store::Rows rows = db.query(kRenew, {store::Integers{ids}, owner, until});
  while (rows.next()) renewed.push_back({rows.integer(0)});
  return renewed;
}

namespace {

/// What finish() has to find a place for.
struct Rest {
  NewBatch batch;  // as the ended one was
  std::vector<base::ContactId> contacts;
  std::map<base::ContactId, Progress::Tried> tried;
};

std::optional<Rest> end_batch(store::Connection& db, const Batch& ended) {
  Rest rest;
  {
    store::Rows row = db.query(kEnd, {ended.id, ended.owner});
    if (!row.next()) return std::nullopt;
    rest.batch = {.campaign = {row.integer(0)},
                  .site = row.integer(1),
                  .attempt = static_cast<int>(row.integer(2)),
                  .due_at = {},
                  .laid_at = base::from_stored(row.integer(3)),
                  .priority = row.integer(4),
                  .turn = row.integer(5),
                  .reason = row.integer(6)};
    rest.contacts = unpack_contacts(row.bytes(7));
  }
  Progress progress = progress_of(db, rest.batch.campaign, ended.id);
  std::erase_if(rest.contacts,
                [&](base::ContactId contact) { return std::ranges::binary_search(progress.final, contact); });
  for (Progress::Tried& tried : progress.deferred) rest.tried.emplace(tried.contact, std::move(tried));
  return rest;
}

void cancel_rest(store::Connection& db, const Batch& ended, const Rest& rest, base::Time now) {
  Outcome like;
  like.campaign = ended.campaign;
  like.batch = ended.id;
  like.attempt = ended.attempt;
  like.site = ended.site;
  like.at = now;
  append_cancelled(db, like, rest.contacts);
}

/// Rounded up by at most a sixteenth of the wait, so that retries of one time can share a batch.
base::Time rounded(base::Time at, base::Time now) {
  const base::Duration step =
      std::clamp<base::Duration>((at - now) / 16, std::chrono::seconds(1), std::chrono::minutes(10));
  const base::Duration since = at.time_since_epoch();
  return base::Time((since + step - base::Duration(1)) / step * step);
}

/// One later batch.
struct Place {
  base::Time due_at;
  int attempt;
  std::int64_t reason;
  friend auto operator<=>(const Place&, const Place&) = default;
};

void lay_down_rest(store::Connection& db, const Rest& rest, std::span<const Retry> retries, base::Time now) {
  std::map<base::ContactId, base::Time> planned;
  for (const Retry& retry : retries) planned.emplace(retry.contact, retry.at);
  Words words(db);
  std::map<Place, std::vector<base::ContactId>> places;
  for (const base::ContactId contact : rest.contacts) {
    const auto retry = planned.find(contact);
    const auto tried = rest.tried.find(contact);
    Place place{now, rest.batch.attempt, rest.batch.reason};
    if (retry != planned.end() || tried != rest.tried.end()) {
      place.due_at = rounded(retry != planned.end() ? retry->second : now + kUnplannedRetry, now);
      ++place.attempt;
      place.reason = tried != rest.tried.end() ? words.id(tried->second.reason) : 0;
    }
    places[place].push_back(contact);
  }
  if (places.empty()) return;
  const auto load = db.load("batch", kBatchColumns);
  for (const auto& [place, contacts] : places) {
    NewBatch batch = rest.batch;
    batch.due_at = place.due_at;
    batch.attempt = place.attempt;
    batch.reason = place.reason;
    add(*load, batch, contacts);
  }
  load->finish();
}

}  // namespace

bool finish(store::Connection& db, const Batch& batch, std::span<const Retry> retries, base::Time now) {
  const std::optional<Rest> rest = end_batch(db, batch);
  if (!rest) return false;
  if (state_of(db, batch.campaign) == CampaignState::cancelled) {
    cancel_rest(db, batch, *rest, now);
  } else {
    lay_down_rest(db, *rest, retries, now);
  }
  return true;
}

std::optional<base::Time> next_due(store::Connection& db) {
  if (db.query_integer(kAnyReady)) return base::Time{};
  const auto due = db.query_integer(kNextDue);
  if (!due) return std::nullopt;
  return base::from_stored(*due);
}

std::vector<Lease> leases(store::Connection& db) {
  std::vector<Lease> all;
  store::Rows rows = db.query(kLeases);
  while (rows.next()) all.push_back({std::string(rows.text(0)), base::from_stored(rows.integer(1))});
  return all;
}

std::int64_t end_lease(store::Connection& db, const Lease& lease) {
  return db.execute(kEndLease, {lease.owner, lease.end});
}

void end_all_leases(store::Connection& db) { db.execute(kEndAllLeases); }

}  // namespace todoku::queue
