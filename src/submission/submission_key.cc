#include "submission/submission_key.h"

#include <sodium.h>

#include <algorithm>

#include "base/issued_key.h"
#include "mail/address.h"
#include "store/utf8.h"

namespace todoku::submission {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::size_t kDigestBytes = 32, kLongestSecret = 200;
constexpr std::string_view kPrefix = "todoku_";  // so that a leaked one is known for what it is

#define TODOKU_KEY_COLUMNS "id, name, domains, per_minute, per_hour, created_at, revoked_at"
constexpr std::string_view kInsert =
    "insert into submission_key (name, digest, domains, per_minute, per_hour, created_at) values (?1, ?2, ?3, ?4, ?5, "
    "?6) on conflict (name) do nothing";
constexpr std::string_view kRevoke = "update submission_key set revoked_at = ?2 where name = ?1 and revoked_at is null";
constexpr std::string_view kExists = "select 1 from submission_key where name = ?1";
constexpr std::string_view kAll = "select " TODOKU_KEY_COLUMNS " from submission_key order by name";
constexpr std::string_view kByName =
    "select " TODOKU_KEY_COLUMNS ", digest from submission_key where name = ?1 and revoked_at is null";

std::string digest_of(std::string_view secret) {
  std::string digest(kDigestBytes, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(digest.data()), digest.size(),
                     reinterpret_cast<const unsigned char*>(secret.data()), secret.size(), nullptr, 0);
  return digest;
}

std::vector<std::string> split(std::string_view words) {
  std::vector<std::string> all;
  while (!words.empty()) {
    const auto end = std::min(words.find(' '), words.size());
    if (end > 0) all.emplace_back(words.substr(0, end));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return all;
}

SubmissionKey read_key(const store::Rows& rows) {
  SubmissionKey key;
  key.id = rows.integer(0);
  key.name = rows.text(1);
  key.domains = split(rows.text(2));
  key.per_minute = rows.integer(3);
  key.per_hour = rows.integer(4);
  key.created_at = base::from_stored(rows.integer(5));
  if (!rows.is_null(6)) key.revoked_at = base::from_stored(rows.integer(6));
  return key;
}

base::Result<std::string> joined_domains(const std::vector<std::string>& domains) {
  std::string all;
  for (const std::string& domain : domains) {
    auto ascii = mail::ascii_domain(domain);
    if (!ascii) return Error{ErrorCode::invalid, ascii.error().message, ascii.error().hint, domain};
    all += (all.empty() ? "" : " ") + *ascii;
  }
  if (all.empty()) return Error{ErrorCode::invalid, "no sender's domain is given", "name at least one", ""};
  return all;
}

}  // namespace

bool SubmissionKey::allows(std::string_view domain) const {
  return !domain.empty() && std::ranges::find(domains, domain) != domains.end();
}

base::Result<base::Secret> create_key(store::Connection& db, const NewKey& wanted, base::Time now) {
  if (!base::is_key_name(wanted.name)) {
    return Error{ErrorCode::invalid, "this cannot be a key's name", "use letters, digits, '.', '-' and '_'",
                 std::string(wanted.name)};
  }
  if (wanted.per_minute < 0 || wanted.per_hour < 0) {
    return Error{ErrorCode::invalid, "a limit is negative", "0 means no limit", std::string(wanted.name)};
  }
  const auto domains = joined_domains(wanted.domains);
  if (!domains) return domains.error();
  std::string secret = base::new_key_secret(kPrefix);
  const std::string digest = digest_of(secret);
  const auto added =
      db.execute(kInsert, {wanted.name, store::Bytes{digest}, *domains, wanted.per_minute, wanted.per_hour, now});
  if (added == 0) {
    return Error{ErrorCode::exists, "there is a key of this name", "choose another name", std::string(wanted.name)};
  }
  return base::Secret(std::move(secret));
}

base::Result<void> revoke_key(store::Connection& db, std::string_view name, base::Time now) {
  if (db.execute(kRevoke, {name, now}) > 0 || db.query_integer(kExists, {name})) return base::done;
  return Error{ErrorCode::not_found, "there is no such key", "`todoku key list` shows them", std::string(name)};
}

std::vector<SubmissionKey> keys(store::Connection& db) {
  std::vector<SubmissionKey> all;
  auto rows = db.query(kAll);
  while (rows.next()) all.push_back(read_key(rows));
  return all;
}

std::optional<SubmissionKey> find_key(store::Connection& db, std::string_view name) {
  if (!base::is_key_name(name)) return std::nullopt;
  auto rows = db.query(kByName, {name});
  if (!rows.next()) return std::nullopt;
  return read_key(rows);
}

std::optional<SubmissionKey> check_key(store::Connection& db, std::string_view name, const base::Secret& secret) {
  if (!base::is_key_name(name) || secret.reveal().size() > kLongestSecret) return std::nullopt;
  const std::string digest = digest_of(secret.reveal());
  auto rows = db.query(kByName, {name});
  if (!rows.next()) return std::nullopt;
  const std::string_view kept = rows.bytes(7);
  if (kept.size() != digest.size() || sodium_memcmp(kept.data(), digest.data(), digest.size()) != 0) {
    return std::nullopt;
  }
  return read_key(rows);
}

}  // namespace todoku::submission
