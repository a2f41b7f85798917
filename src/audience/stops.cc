#include "audience/stops.h"

#include "audience/contact_queries.h"
#include "audience/stop_queries.h"

namespace todoku::audience {
namespace {

/// The columns of TODOKU_STOP_COLUMNS.
Stop read_stop(const store::Rows& rows) {
  return {.id = StopId{rows.integer(0)},
          .contact = base::ContactId{rows.integer(1)},
          .address = std::string(rows.text(2)),
          .name = std::string(rows.text(3)),
          .reason = bounce::reason_of(rows.text(4)).value_or(bounce::Reason::unknown),
          .errors = rows.integer(5),
          .campaign = base::CampaignId{rows.integer(6)},
          .reply = std::string(rows.text(7)),
          .at = base::from_stored(rows.integer(8)),
          .rule = std::string(rows.text(9)),
          .version = rows.integer(10)};
}

}  // namespace

std::vector<Stop> find_stops(store::Connection& db, const StopFilter& filter) {
  std::vector<Stop> found;
  const std::string_view reason = filter.reason ? bounce::to_string(*filter.reason) : std::string_view();
  auto rows = db.query(kOpenStops, {filter.after, reason, filter.contact.value_or(base::ContactId{}),
                                    filter.list.value_or(base::ListId{}), filter.limit, filter.domain});
  while (rows.next()) found.push_back(read_stop(rows));
  return found;
}

std::vector<StopCount> count_stops(store::Connection& db, const StopFilter& filter) {
  std::vector<StopCount> counts;
  const std::string_view wanted = filter.reason ? bounce::to_string(*filter.reason) : std::string_view();
  auto rows = db.query(kCountOpenStops, {filter.list.value_or(base::ListId{}), wanted, filter.domain});
  while (rows.next()) {
    counts.push_back({bounce::reason_of(rows.text(0)).value_or(bounce::Reason::unknown), rows.integer(1)});
  }
  return counts;
}

std::vector<PastStop> past_stops(store::Connection& db, std::span<const std::int64_t> contacts) {
  std::vector<PastStop> stops;
  auto rows = db.query(kPastStops, {store::Integers{contacts}});
  while (rows.next()) {
    stops.push_back(
        {.contact = base::ContactId{rows.integer(0)},
         .reason = bounce::reason_of(rows.text(1)).value_or(bounce::Reason::unknown),
         .at = base::from_stored(rows.integer(2)),
         .released_at = rows.is_null(3) ? std::nullopt : std::optional(base::from_stored(rows.integer(3)))});
  }
  return stops;
}

std::vector<StopRecord> stops_of(store::Connection& db, base::ContactId contact) {
  std::vector<StopRecord> records;
  auto rows = db.query(kStopsOfContact, {contact});
  while (rows.next()) {
    records.push_back(
        {.stop = read_stop(rows),
         .released_at = rows.is_null(11) ? std::nullopt : std::optional(base::from_stored(rows.integer(11))),
         .release_note = std::string(rows.text(12)),
         .held = !rows.is_null(13)});
  }
  return records;
}

base::ContactId contact_of(store::Connection& db, StopId stop) {
  return base::ContactId{db.query_integer(kContactOfStop, {stop}).value_or(0)};
}

bool would_fail_again(bounce::Reason reason) {
  using bounce::Reason;
  return reason == Reason::user_unknown || reason == Reason::moved || reason == Reason::host_unknown ||
         reason == Reason::no_mail_accepted;
}

void release_stops(store::Connection& db, const std::vector<Stop>& stops, std::string_view note, base::Time now) {
  std::vector<std::int64_t> contacts;
  std::vector<std::int64_t> ids;
  for (const auto& stop : stops) {
    contacts.push_back(stop.contact.value);
    ids.push_back(stop.id.value);
  }
  const store::Value of_contacts = store::Integers{contacts};
  db.execute(kForgetErrors, {of_contacts});
  db.execute(kGiveStateBack, {store::Integers{ids}, now});
  db.execute(kCloseStops, {store::Integers{ids}, now, note});
}

}  // namespace todoku::audience
