// Compact signed tokens: what return paths, unsubscribe links, opens, clicks and visits carry.
//
// A token names one mail (campaign and contact) for one purpose, cannot be guessed or forged, and survives systems that
// change letter case: it is lower-case base32 (RFC 4648's alphabet), about 26 characters. Layout: key id, campaign and
// contact as varints, then the first 8 bytes of BLAKE2b keyed with the key's secret over purpose and those bytes. A
// token of one purpose is none of another. The newest key signs. Older ones go on to verify: links for ever, since a
// reader may refuse mail years later; return paths for kReturnPathLife, after which no bounce of theirs is under way.
//
// A bounce to an address that verify() refuses was not made by us: spoofing evidence.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/secret.h"

namespace todoku::store {
class Connection;
class Store;
}  // namespace todoku::store

namespace todoku::tracking {

enum class Purpose : std::uint8_t {
  return_path = 1,
  message_id = 2,
  unsubscribe = 3,
  open = 4,
  click = 5,
  visit = 6,
  download = 7,
};

struct MailId {
  base::CampaignId campaign;
  base::ContactId contact;
  friend bool operator==(const MailId&, const MailId&) = default;
};

struct TokenKey {
  std::uint64_t id = 0;
  base::Secret secret;       // 32 bytes
  bool return_paths = true;  // whether it still verifies those
};

/// How long return paths of a key hold once another signs.
inline constexpr base::Duration kReturnPathLife = std::chrono::days(180);

/// Immutable once made, so any thread may use it.
class Tokens {
 public:
  static constexpr std::size_t kSecretSize = 32;

  /// `keys` in the order of their age; the last signs. At least one.
  explicit Tokens(std::vector<TokenKey> keys);

  [[nodiscard]] std::string sign(Purpose purpose, MailId mail) const;

  /// Nothing where it is no token of ours for this purpose.
  [[nodiscard]] std::optional<MailId> verify(Purpose purpose, std::string_view token) const;

 private:
  std::vector<TokenKey> keys_;
};

/// The keys of this installation, with a first one made where there is none.
[[nodiscard]] Tokens load_tokens(store::Store& store, base::Time now);

/// A new key that signs from the next load_tokens() on; the older ones go on to verify.
void rotate_token_key(store::Store& store, base::Time now);

struct TokenKeyEntry {
  std::uint64_t id = 0;
  base::Time created_at;
  std::optional<base::Time> superseded_at;  // by the next one; nothing: it signs
};
/// In the order of their age.
[[nodiscard]] std::vector<TokenKeyEntry> token_keys(store::Connection& db);

}  // namespace todoku::tracking
