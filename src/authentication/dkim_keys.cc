#include "authentication/dkim_keys.h"

#include <algorithm>
#include <array>

namespace todoku::authentication {
namespace {

constexpr std::array<std::string_view, 3> kStates = {"waiting", "active", "retired"};

constexpr std::string_view kSelect =
    "select id, domain, selector, algorithm, state, public_key, created_at, active_at, retired_at from dkim_key"
    " where ?1 = '' or domain = ?1 order by domain, id";
constexpr std::string_view kInsert =
    "insert into dkim_key (domain, selector, algorithm, state, public_key, created_at, active_at)"
    " values (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
constexpr std::string_view kFind = "select id from dkim_key where domain = ?1 and selector = ?2";
constexpr std::string_view kRetire =
    "update dkim_key set state = 'retired', retired_at = ?3 where domain = ?1 and algorithm = ?2 and state = 'active'"
    " and id <> ?4";
constexpr std::string_view kActivate =
    "update dkim_key set state = 'active', active_at = ?2, retired_at = null where id = ?1 and state <> 'active'";
constexpr std::string_view kForget = "delete from dkim_key where id = ?1";

std::optional<base::Time> time_at(const store::Rows& rows, int column) {
  if (rows.is_null(column)) return std::nullopt;
  return base::from_stored(rows.integer(column));
}

DkimKeyEntry entry_of(const store::Rows& rows) {
  DkimKeyEntry entry;
  entry.id = rows.integer(0);
  entry.domain = rows.text(1);
  entry.selector = rows.text(2);
  entry.algorithm = rows.text(3) == to_string(DkimAlgorithm::ed25519_sha256) ? DkimAlgorithm::ed25519_sha256
                                                                             : DkimAlgorithm::rsa_sha256;
  const auto state = std::ranges::find(kStates, rows.text(4));
  entry.state = static_cast<DkimKeyState>(state - kStates.begin());
  entry.public_key = rows.text(5);
  entry.created_at = base::from_stored(rows.integer(6));
  entry.active_at = time_at(rows, 7);
  entry.retired_at = time_at(rows, 8);
  return entry;
}

}  // namespace

std::string_view to_string(DkimKeyState state) { return kStates[static_cast<std::size_t>(state)]; }

std::vector<DkimKeyEntry> dkim_keys(store::Connection& db, std::string_view domain) {
  std::vector<DkimKeyEntry> keys;
  for (auto rows = db.query(kSelect, {domain}); rows.next();) keys.push_back(entry_of(rows));
  return keys;
}

std::vector<DkimKeyEntry> signing_keys(store::Connection& db, std::string_view domain) {
  while (domain.find('.') != domain.npos) {
    auto keys = dkim_keys(db, domain);
    std::erase_if(keys, [](const DkimKeyEntry& key) { return key.state != DkimKeyState::active; });
    if (!keys.empty()) return keys;
    domain.remove_prefix(domain.find('.') + 1);
  }
  return {};
}

base::Result<void> add_dkim_key(store::Connection& db, const DkimKeyEntry& key) {
  if (db.query_integer(kFind, {key.domain, key.selector})) {
    return base::Error{base::ErrorCode::exists,
                       key.domain + " has a key with the selector " + key.selector + " already",
                       "choose another with --selector", ""};
  }
  db.execute(kInsert, {key.domain, key.selector, to_string(key.algorithm), to_string(key.state), key.public_key,
                       key.created_at, key.active_at});
  return base::done;
}

void activate_dkim_key(store::Connection& db, const DkimKeyEntry& key, base::Time now) {
  db.execute(kRetire, {key.domain, to_string(key.algorithm), now, key.id});
  db.execute(kActivate, {key.id, now});
}

void forget_dkim_key(store::Connection& db, const DkimKeyEntry& key) { db.execute(kForget, {key.id}); }

}  // namespace todoku::authentication
