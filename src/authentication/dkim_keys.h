// What is known of each domain's signing keys; the private halves are in files (dkim_key_file.h).
//
// A key waits until its record is in DNS, then is active and signs, then is retired: its record must stay in DNS as
// long as mails that it signed may be on their way. For one domain at most one key of each algorithm is active.
// Functions take the connection of the caller's transaction and do not commit.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authentication/dkim_key.h"
#include "base/clock.h"
#include "base/result.h"
#include "store/connection.h"

namespace todoku::authentication {

enum class DkimKeyState : std::uint8_t { waiting, active, retired };
[[nodiscard]] std::string_view to_string(DkimKeyState state);

struct DkimKeyEntry {
  std::int64_t id = 0;
  std::string domain;
  std::string selector;
  DkimAlgorithm algorithm = DkimAlgorithm::rsa_sha256;
  DkimKeyState state = DkimKeyState::waiting;
  std::string public_key;
  base::Time created_at;
  std::optional<base::Time> active_at;
  std::optional<base::Time> retired_at;
};

/// Every key, or one domain's; by domain, the oldest first.
[[nodiscard]] std::vector<DkimKeyEntry> dkim_keys(store::Connection& db, std::string_view domain = {});

/// The keys that sign for a mail from `domain`: its own active ones, else those of the nearest domain above it that has
/// any. Empty: none.
[[nodiscard]] std::vector<DkimKeyEntry> signing_keys(store::Connection& db, std::string_view domain);

/// Adds `key` as it is but for its id. Errors: `exists` where the domain has that selector already.
[[nodiscard]] base::Result<void> add_dkim_key(store::Connection& db, const DkimKeyEntry& key);

/// The key signs from now on; the one of its domain and algorithm that did is retired.
void activate_dkim_key(store::Connection& db, const DkimKeyEntry& key, base::Time now);

void forget_dkim_key(store::Connection& db, const DkimKeyEntry& key);

}  // namespace todoku::authentication
