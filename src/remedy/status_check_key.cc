#include "remedy/status_check_key.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/issued_key.h"

namespace todoku::remedy {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::size_t kLongestOrigin = 255;
constexpr std::string_view kPrefix = "todoku_check_";  // so that a leaked one is known for what it is

constexpr char kInsert[] =
    "insert into status_check_key (name, origin, secret, created_at) values (?1, ?2, ?3, ?4) on conflict (name) do "
    "nothing";
constexpr char kRevoke[] = "update status_check_key set revoked_at = ?2 where name = ?1 and revoked_at is null";
constexpr char kExists[] = "select 1 from status_check_key where name = ?1";
constexpr char kAll[] = "select name, origin, created_at, revoked_at from status_check_key order by name";
constexpr char kByName[] =
    "select name, origin, created_at, revoked_at, secret from status_check_key where name = ?1 and revoked_at is null";

/// "host", "host:8080", "[::1]:80".
bool is_host(std::string_view host) {
  const auto fits = [](char c) {
    return (base::ascii_alpha(c) && base::ascii_lower(c) == c) || base::ascii_digit(c) || c == '.' || c == '-' ||
           c == ':' || c == '[' || c == ']';
  };
  return !host.empty() && host.size() <= kLongestOrigin && std::ranges::all_of(host, fits);
}

bool is_origin(std::string_view origin) {
  if (origin.starts_with("https://")) return is_host(origin.substr(8));
  if (!origin.starts_with("http://")) return false;
  const std::string_view host = origin.substr(7);
  return is_host(host) && (host.starts_with("localhost") || host.starts_with("127.") || host.starts_with("[::1]"));
}

StatusCheckKey read_key(const store::Rows& rows) {
  StatusCheckKey key;
  key.name = rows.text(0);
  key.origin = rows.text(1);
  key.created_at = base::from_stored(rows.integer(2));
  if (!rows.is_null(3)) key.revoked_at = base::from_stored(rows.integer(3));
  return key;
}

}  // namespace

base::Result<base::Secret> create_status_check_key(store::Connection& db, std::string_view name,
                                                   std::string_view origin, base::Time now) {
  if (!base::is_key_name(name)) {
    return Error{ErrorCode::invalid, "this cannot be a key's name", "use letters, digits, '.', '-' and '_'",
                 std::string(name)};
  }
  if (!is_origin(origin)) {
    return Error{ErrorCode::invalid, "this is no origin of a site",
                 "as https://member.example, in small letters, with nothing behind the host", std::string(origin)};
  }
  const std::string secret = base::new_key_secret(kPrefix);
  if (db.execute(kInsert, {name, origin, store::Bytes{secret}, now}) == 0) {
    return Error{ErrorCode::exists, "there is a key of this name", "choose another name", std::string(name)};
  }
  return base::Secret(secret);
}

base::Result<void> revoke_status_check_key(store::Connection& db, std::string_view name, base::Time now) {
  if (db.execute(kRevoke, {name, now}) > 0 || db.query_integer(kExists, {name})) return base::done;
  return Error{ErrorCode::not_found, "there is no such key", "`todoku status-check key list` shows them",
               std::string(name)};
}

std::vector<StatusCheckKey> status_check_keys(store::Connection& db) {
  std::vector<StatusCheckKey> all;
  auto rows = db.query(kAll);
  while (rows.next()) all.push_back(read_key(rows));
  return all;
}

std::optional<StatusCheckKey> find_status_check_key(store::Connection& db, std::string_view name) {
  if (!base::is_key_name(name)) return std::nullopt;
  auto rows = db.query(kByName, {name});
  if (!rows.next()) return std::nullopt;
  StatusCheckKey key = read_key(rows);
  key.secret = base::Secret(std::string(rows.bytes(4)));
  return key;
}

}  // namespace todoku::remedy
