#include "queue/history.h"

namespace todoku::queue {
namespace {

// "result <> 0" again, so that the partial index is used.
constexpr std::string_view kContactsWithFailures =
    "select distinct contact from outcome where contact > ?1 and result <> 0 and result = 2 order by contact limit ?2";
#define TODOKU_OUTCOME_WORDS                                                                                           \
  "select o.contact, o.campaign, o.result, o.at, o.reply_code, o.text, coalesce(r.text, ''), coalesce(s.text, ''), "   \
  "coalesce(m.text, ''), coalesce(t.text, '') from outcome o left join word r on r.id = o.reason left join word s on " \
  "s.id = o.site left join word m on m.id = o.remote left join word t on t.id = o.status "
constexpr std::string_view kFailures =
    TODOKU_OUTCOME_WORDS "where o.contact in (in_list(?1)) and o.result <> 0 and o.result = 2";
constexpr std::string_view kDeliveries =
    "select contact, campaign, at from outcome where result = 0 and contact in (in_list(?1))";
constexpr std::string_view kFinal =
    TODOKU_OUTCOME_WORDS "where o.campaign = ?1 and o.contact = ?2 and o.result <> 1 order by o.at desc limit 1";

Outcome read_outcome(const store::Rows& row) {
  Outcome outcome;
  outcome.contact = {row.integer(0)};
  outcome.campaign = {row.integer(1)};
  outcome.result = static_cast<Result>(row.integer(2));
  outcome.at = base::from_stored(row.integer(3));
  outcome.reply_code = static_cast<int>(row.integer(4));
  outcome.text = row.text(5);
  outcome.reason = row.text(6);
  outcome.site = row.text(7);
  outcome.remote = row.text(8);
  outcome.status = row.text(9);
  return outcome;
}

}  // namespace

std::vector<std::int64_t> contacts_with_failures(store::Connection& db, base::ContactId after, std::int64_t limit) {
  std::vector<std::int64_t> contacts;
  store::Rows rows = db.query(kContactsWithFailures, {after, limit});
  while (rows.next()) contacts.push_back(rows.integer(0));
  return contacts;
}

void each_failure(store::Connection& db, std::span<const std::int64_t> contacts,
                  const std::function<void(const Outcome&)>& use) {
  store::Rows rows = db.query(kFailures, {store::Integers{contacts}});
  while (rows.next()) use(read_outcome(rows));
}

void each_delivery(store::Connection& db, std::span<const std::int64_t> contacts,
                   const std::function<void(const Delivery&)>& use) {
  store::Rows rows = db.query(kDeliveries, {store::Integers{contacts}});
  while (rows.next()) use({{rows.integer(0)}, {rows.integer(1)}, base::from_stored(rows.integer(2))});
}

std::optional<Outcome> final_outcome_of(store::Connection& db, base::CampaignId campaign, base::ContactId contact) {
  store::Rows rows = db.query(kFinal, {campaign, contact});
  if (!rows.next()) return std::nullopt;
  return read_outcome(rows);
}

}  // namespace todoku::queue
