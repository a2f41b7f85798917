// Keys with which member sites sign questions about their users' addresses (status_check.h).
//
// A key is for one origin, so that its answers are read by that site's pages alone. The secret has 256 random bits, is
// shown once, and is kept as it is: signatures cannot be checked without.
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

namespace todoku::remedy {

struct StatusCheckKey {
  std::string name;
  std::string origin;  // as browsers write it: "https://member.example"
  base::Secret secret;
  base::Time created_at;
  std::optional<base::Time> revoked_at;
};

/// Its secret. `name`: letters, digits, '.', '-', '_', at most 64. `origin`: scheme, host and port, nothing behind;
/// http for this machine alone. Errors: `invalid`, `exists`: a revoked key keeps its name.
[[nodiscard]] base::Result<base::Secret> create_status_check_key(store::Connection& db, std::string_view name,
                                                                 std::string_view origin, base::Time now);
/// Errors: `not_found`. Again is fine.
[[nodiscard]] base::Result<void> revoke_status_check_key(store::Connection& db, std::string_view name, base::Time now);
/// By name; without their secrets.
[[nodiscard]] std::vector<StatusCheckKey> status_check_keys(store::Connection& db);
/// Revoked ones are not found.
[[nodiscard]] std::optional<StatusCheckKey> find_status_check_key(store::Connection& db, std::string_view name);

}  // namespace todoku::remedy
