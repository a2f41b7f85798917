// Keys with which programs hand mail in: a user name and a secret, and what they may do.
//
// The secret has 256 random bits, is shown once, and only its BLAKE2b digest is kept: nobody can find it by guessing,
// so a slow hash would protect nothing but let strangers burn CPU time.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "store/connection.h"

namespace todoku::submission {

struct SubmissionKey {
  std::int64_t id = 0;
  std::string name;
  std::vector<std::string> domains;  // of senders, as in DNS
  std::int64_t per_minute = 0;       // recipients; 0: no limit
  std::int64_t per_hour = 0;
  base::Time created_at;
  std::optional<base::Time> revoked_at;

  /// `domain` as in DNS.
  [[nodiscard]] bool allows(std::string_view domain) const;
};

struct NewKey {
  std::string_view name;  // letters, digits, '.', '-', '_'; at most 64
  std::vector<std::string> domains;
  std::int64_t per_minute = 0;
  std::int64_t per_hour = 0;
};

/// Its secret. Errors: `invalid` (name, domain, limit), `exists`: a revoked key keeps its name.
[[nodiscard]] base::Result<base::Secret> create_key(store::Connection& db, const NewKey& wanted, base::Time now);
/// Errors: `not_found`. Again is fine.
[[nodiscard]] base::Result<void> revoke_key(store::Connection& db, std::string_view name, base::Time now);
[[nodiscard]] std::vector<SubmissionKey> keys(store::Connection& db);
/// Revoked ones are not found.
[[nodiscard]] std::optional<SubmissionKey> find_key(store::Connection& db, std::string_view name);
/// The key of that name, if this is its secret and it is not revoked. Takes the same time however much is right.
[[nodiscard]] std::optional<SubmissionKey> check_key(store::Connection& db, std::string_view name,
                                                     const base::Secret& secret);

}  // namespace todoku::submission
