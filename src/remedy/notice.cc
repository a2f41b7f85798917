#include "remedy/notice.h"

#include <algorithm>
#include <boost/json.hpp>

#include "authentication/message_proof.h"
#include "base/hex.h"
#include "base/secret.h"
#include "bounce/explanation.h"
#include "remedy/notice_queries.h"

namespace todoku::remedy {
namespace {

std::int64_t seconds_of(base::Time time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

Notice read_notice(const store::Rows& rows) {
  return {.id = {rows.integer(0)},
          .target = std::string(rows.text(1)),
          .contact = {rows.integer(2)},
          .address = std::string(rows.text(3)),
          .state = std::string(rows.text(4)),
          .state_before = std::string(rows.text(5)),
          .reason = std::string(rows.text(6)),
          .campaign = {rows.integer(7)},
          .at = base::from_stored(rows.integer(8)),
          .dead = rows.text(9) == "dead",
          .tries = rows.integer(10),
          .due_at = base::from_stored(rows.integer(11)),
          .problem = std::string(rows.text(12))};
}

std::vector<Notice> read_notices(store::Rows rows) {
  std::vector<Notice> all;
  while (rows.next()) all.push_back(read_notice(rows));
  return all;
}

/// Why and what to do, in both languages, for those who show it to people.
boost::json::value explanation_of(const std::string& reason) {
  const auto known = bounce::reason_of(reason);
  if (!known) return nullptr;
  boost::json::object texts;
  for (const auto& [name, language] : {std::pair("ja", bounce::Language::ja), {"en", bounce::Language::en}}) {
    const bounce::Explanation& words = bounce::explain(*known, language);
    texts[name] = {{"name", words.name}, {"why", words.why}, {"what", words.what}};
  }
  return texts;
}

}  // namespace

std::string_view type_of(const Notice& notice) {
  if (notice.state == "stopped") return "contact.stopped";
  if (notice.state == "unsubscribed") return "contact.unsubscribed";
  if (notice.state == "suppressed") return "contact.suppressed";
  if (notice.state_before == "stopped") return "contact.released";
  return "contact.changed";
}

std::string body_of(const Notice& notice) {
  const boost::json::object body{
      {"id", notice.id.value},
      {"type", type_of(notice)},
      {"at", seconds_of(notice.at)},
      {"contact", {{"id", notice.contact.value}, {"address", notice.address}}},
      {"state", notice.state},
      {"state_before", notice.state_before},
      {"reason", notice.reason},
      {"explanation", explanation_of(notice.reason)},
      {"campaign", notice.campaign ? boost::json::value(notice.campaign.value) : boost::json::value(nullptr)}};
  return boost::json::serialize(body);
}

std::string signature_of(std::string_view secret, std::string_view body, base::Time now) {
  const std::string time = std::to_string(seconds_of(now));
  const std::string digest =
      authentication::hmac_sha256(base::Secret(std::string(secret)), time + '.' + std::string(body));
  return "t=" + time + ",v1=" + base::to_hex(digest);
}

void set_targets(store::Connection& db, const std::vector<std::string>& names, base::Time now) {
  db.execute(kEndTargets);
  for (const std::string& name : names) db.execute(kBeginTarget, {name, now});
}

bool has_due_notice(store::Connection& db, std::string_view target, base::Time now) {
  return db.query_integer(kAnyDue, {target, now}).has_value();
}

std::vector<Notice> claim_notices(store::Connection& db, std::string_view target, base::Time now, base::Time until,
                                  std::int64_t most) {
  const auto id = db.query_integer(kTarget, {target});
  if (!id) return {};
  std::vector<std::int64_t> ids;
  {
    auto rows = db.query(kTurns, {*id, now, most});
    while (rows.next()) ids.push_back(rows.integer(0));
  }
  if (ids.empty()) return {};
  db.execute(kLeaseNotices, {store::Integers{ids}, until});
  return read_notices(db.query(kNoticesByIds, {store::Integers{ids}}));
}

void settle_notice(store::Connection& db, const Notice& notice, base::Time now) {
  if (db.execute(kDeleteNotice, {notice.id}) > 0) db.execute(kCountSent, {notice.target, now});
}

void put_off_notice(store::Connection& db, const Notice& notice, std::optional<base::Time> next,
                    std::string_view problem) {
  db.execute(kPutOff, {notice.id, next ? "waiting" : "dead", next.value_or(base::Time{}), problem});
  db.execute(kTargetProblem, {notice.target, problem});
}

std::vector<Notice> find_notices(store::Connection& db, const NoticeFilter& filter) {
  return read_notices(db.query(kFindNotices, {filter.target, filter.place, filter.limit}));
}

std::int64_t retry_notices(store::Connection& db, std::optional<NoticeId> id, base::Time now) {
  return db.execute(kRetryNotices, {id.value_or(NoticeId{}), now});
}

std::vector<TargetCount> count_notices(store::Connection& db) {
  std::vector<TargetCount> counts;
  auto rows = db.query(kCountNotices);
  while (rows.next()) {
    TargetCount count{.name = std::string(rows.text(0)),
                      .active = rows.integer(1) != 0,
                      .waiting = rows.integer(2),
                      .dead = rows.integer(3),
                      .sent = rows.integer(4),
                      .sent_at = {},
                      .problem = std::string(rows.text(6))};
    if (!rows.is_null(5)) count.sent_at = base::from_stored(rows.integer(5));
    counts.push_back(std::move(count));
  }
  return counts;
}

}  // namespace todoku::remedy
