// How far each mailbox was read, in the database.
#pragma once
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "store/connection.h"

namespace todoku::intake::mailbox {

struct Place {
  std::uint32_t validity = 0;
  std::uint32_t last_uid = 0;
};
/// Of a mailbox never read: zeros.
[[nodiscard]] Place find_place(store::Connection& db, std::string_view mailbox);
void keep_place(store::Connection& db, std::string_view mailbox, Place place);

struct Seen {
  std::string name;
  bool removable = false;
};
/// Name → whether the mail may be removed.
[[nodiscard]] std::map<std::string, bool> find_seen(store::Connection& db, std::string_view mailbox);
void keep_seen(store::Connection& db, std::string_view mailbox, std::span<const Seen> seen);
void forget_seen(store::Connection& db, std::string_view mailbox, std::span<const std::string> names);

/// The newest OAuth 2 refresh token that goes back to the one in the settings; that one itself where there is none.
[[nodiscard]] base::Secret find_grant(store::Connection& db, std::string_view mailbox, const base::Secret& configured);
void keep_grant(store::Connection& db, std::string_view mailbox, const base::Secret& configured,
                const base::Secret& newest);

}  // namespace todoku::intake::mailbox
