// A contact: one mailbox that we may write to, or may not, and why.
//
// One row for one mailbox whatever its spelling: address_key (mail's match key) is unique, `address` stays as typed.
// Functions take the connection of the caller's transaction and do not commit.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audience/fields.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "store/connection.h"

namespace todoku::audience {

enum class State : std::uint8_t { active, unconfirmed, unsubscribed, stopped, suppressed };
inline constexpr int kStateCount = 5;
[[nodiscard]] std::string_view to_string(State state);
[[nodiscard]] std::optional<State> state_of(std::string_view word);

struct Contact {
  base::ContactId id;
  std::string address;
  std::string address_key;
  std::string domain;
  std::string name;
  Fields fields;
  State state = State::active;
  std::optional<std::string> consent;  // the basis; none: not to be sent to
  std::optional<base::Time> consent_at;
  base::Time created_at;
  base::Time changed_at;
};

[[nodiscard]] std::optional<Contact> find_contact(store::Connection& db, base::ContactId id);
/// By any spelling of the address.
[[nodiscard]] std::optional<Contact> find_contact(store::Connection& db, std::string_view address);
/// Those of the ids that exist, in order of id.
[[nodiscard]] std::vector<Contact> find_contacts(store::Connection& db, std::span<const base::ContactId> ids);

struct NewContact {
  std::string_view address;
  std::string_view name;
  const Fields& fields;
  std::optional<std::string_view> consent;
};
/// Adds a contact; its state is `suppressed` where the address is on the suppression list. Errors: `invalid` for a
/// faulty address, `exists`.
[[nodiscard]] base::Result<base::ContactId> add_contact(store::Connection& db, const NewContact& contact,
                                                        base::Time now);

/// The reader's refusal: state and a suppression that outlives the contact. Again is fine. `reason`: a word of
/// suppression.h. Errors: `not_found`.
[[nodiscard]] base::Result<void> unsubscribe(store::Connection& db, base::ContactId id, std::string_view reason,
                                             base::Time now);

/// Reads the columns TODOKU_CONTACT_COLUMNS of contact_queries.h, beginning at `first`.
[[nodiscard]] Contact read_contact(const store::Rows& rows, int first = 0);
/// Runs a query of those columns with the ids as ?1.
[[nodiscard]] std::vector<Contact> read_contacts(store::Connection& db, std::string_view sql,
                                                 std::span<const base::ContactId> ids);

}  // namespace todoku::audience
