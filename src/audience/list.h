// Lists of contacts (アドレス帳). A contact may be in many; what it may be sent is the contact's state, not the list's.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audience/contact.h"
#include "base/clock.h"
#include "base/id.h"
#include "store/connection.h"

namespace todoku::audience {

struct List {
  base::ListId id;
  std::string name;
  base::Time created_at;
  std::int64_t members = 0;
};

[[nodiscard]] std::optional<base::ListId> find_list(store::Connection& db, std::string_view name);
/// The list of that name, made where there is none.
base::ListId make_list(store::Connection& db, std::string_view name, base::Time now);
[[nodiscard]] std::vector<List> lists(store::Connection& db);
[[nodiscard]] std::vector<std::string> lists_of(store::Connection& db, base::ContactId contact);

/// False: it was a member already.
bool add_member(store::Connection& db, base::ListId list, base::ContactId contact);

/// Members by state. `without_consent`: of all states together.
struct MemberCounts {
  std::array<std::int64_t, kStateCount> by_state{};
  std::int64_t without_consent = 0;
  [[nodiscard]] std::int64_t of(State state) const { return by_state[static_cast<std::size_t>(state)]; }
  [[nodiscard]] std::int64_t all() const;
};
[[nodiscard]] MemberCounts count_members(store::Connection& db, base::ListId list);

/// The members after `after` in order of id, at most `limit`: the pages of an export.
[[nodiscard]] std::vector<Contact> members(store::Connection& db, base::ListId list, base::ContactId after,
                                           std::int64_t limit);

}  // namespace todoku::audience
