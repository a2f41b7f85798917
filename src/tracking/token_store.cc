#include <sodium.h>

#include <stdexcept>

#include "store/store.h"
#include "tracking/token.h"

namespace todoku::tracking {
namespace {

constexpr std::string_view kSelectKeys = "select id, secret, created_at from token_key order by id";
constexpr std::string_view kSelectEntries = "select id, created_at from token_key order by id";
constexpr std::string_view kInsertKey = "insert into token_key (secret, created_at) values (?1, ?2)";
constexpr std::string_view kInsertFirstKey =
    "insert into token_key (secret, created_at) select ?1, ?2 where not exists (select 1 from token_key)";

void insert_key(store::Store& store, std::string_view statement, base::Time now) {
  if (sodium_init() < 0) throw std::runtime_error("libsodium finds no source of randomness");
  std::string secret(Tokens::kSecretSize, '\0');
  randombytes_buf(secret.data(), secret.size());
  store.write_now([&](store::Connection& db) { db.execute(statement, {store::Bytes{secret}, now}); });
  sodium_memzero(secret.data(), secret.size());
}

std::vector<TokenKey> select_keys(store::Store& store, base::Time now) {
  std::vector<TokenKey> keys;
  const store::Lease db = store.read();
  auto rows = db->query(kSelectKeys);
  while (rows.next()) {
    const base::Time created = base::from_stored(rows.integer(2));
    if (!keys.empty()) keys.back().return_paths = now - created < kReturnPathLife;
    keys.push_back({static_cast<std::uint64_t>(rows.integer(0)), base::Secret(std::string(rows.bytes(1)))});
  }
  return keys;
}

}  // namespace

Tokens load_tokens(store::Store& store, base::Time now) {
  std::vector<TokenKey> keys = select_keys(store, now);
  if (keys.empty()) {
    insert_key(store, kInsertFirstKey, now);
    keys = select_keys(store, now);
  }
  return Tokens(std::move(keys));
}

void rotate_token_key(store::Store& store, base::Time now) { insert_key(store, kInsertKey, now); }

std::vector<TokenKeyEntry> token_keys(store::Connection& db) {
  std::vector<TokenKeyEntry> entries;
  auto rows = db.query(kSelectEntries);
  while (rows.next()) {
    const base::Time created = base::from_stored(rows.integer(1));
    if (!entries.empty()) entries.back().superseded_at = created;
    entries.push_back({static_cast<std::uint64_t>(rows.integer(0)), created, std::nullopt});
  }
  return entries;
}

}  // namespace todoku::tracking
