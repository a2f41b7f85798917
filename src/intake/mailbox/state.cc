#include "intake/mailbox/state.h"

#include "intake/intake_item.h"

namespace todoku::intake::mailbox {
namespace {

constexpr char kFindPlace[] = "select validity, last_uid from mailbox_place where mailbox = ?1";
constexpr char kKeepPlace[] =
    "insert into mailbox_place (mailbox, validity, last_uid) values (?1, ?2, ?3) on conflict (mailbox) do update set "
    "validity = excluded.validity, last_uid = excluded.last_uid";
constexpr char kFindSeen[] = "select name, removable from mailbox_seen where mailbox = ?1";
constexpr char kKeepSeen[] =
    "insert into mailbox_seen (mailbox, name, removable) values (?1, ?2, ?3) on conflict (mailbox, name) do nothing";
constexpr char kForgetSeen[] = "delete from mailbox_seen where mailbox = ?1 and name = ?2";
constexpr char kFindGrant[] = "select refresh_token from mailbox_grant where mailbox = ?1 and granted_from = ?2";
constexpr char kKeepGrant[] =
    "insert into mailbox_grant (mailbox, granted_from, refresh_token) values (?1, ?2, ?3) on conflict (mailbox) do "
    "update set granted_from = excluded.granted_from, refresh_token = excluded.refresh_token";

}  // namespace

Place find_place(store::Connection& db, std::string_view mailbox) {
  auto rows = db.query(kFindPlace, {mailbox});
  if (!rows.next()) return {};
  return {static_cast<std::uint32_t>(rows.integer(0)), static_cast<std::uint32_t>(rows.integer(1))};
}

void keep_place(store::Connection& db, std::string_view mailbox, Place place) {
  db.execute(kKeepPlace,
             {mailbox, static_cast<std::int64_t>(place.validity), static_cast<std::int64_t>(place.last_uid)});
}

std::map<std::string, bool> find_seen(store::Connection& db, std::string_view mailbox) {
  std::map<std::string, bool> seen;
  auto rows = db.query(kFindSeen, {mailbox});
  while (rows.next()) seen.emplace(rows.text(0), rows.integer(1) != 0);
  return seen;
}

void keep_seen(store::Connection& db, std::string_view mailbox, std::span<const Seen> seen) {
  for (const Seen& mail : seen) db.execute(kKeepSeen, {mailbox, mail.name, mail.removable});
}

void forget_seen(store::Connection& db, std::string_view mailbox, std::span<const std::string> names) {
  for (const std::string& name : names) db.execute(kForgetSeen, {mailbox, name});
}

base::Secret find_grant(store::Connection& db, std::string_view mailbox, const base::Secret& configured) {
  const std::string from = item_key({configured.reveal()});
  auto rows = db.query(kFindGrant, {mailbox, store::Bytes{from}});
  return rows.next() ? base::Secret(std::string(rows.text(0))) : configured;
}

void keep_grant(store::Connection& db, std::string_view mailbox, const base::Secret& configured,
                const base::Secret& newest) {
  const std::string from = item_key({configured.reveal()});
  db.execute(kKeepGrant, {mailbox, store::Bytes{from}, newest.reveal()});
}

}  // namespace todoku::intake::mailbox
