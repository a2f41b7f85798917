// Refusals kept by address, not by contact: they hold when the contact is deleted and its address comes back with the
// next import. Nothing in an import, a sign-up or a release takes one away; only an operator does, one by one.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "store/connection.h"

namespace todoku::audience {

/// Words for Suppression::reason.
inline constexpr std::string_view kUnsubscribed = "unsubscribed";
inline constexpr std::string_view kComplaint = "complaint";
inline constexpr std::string_view kOperator = "operator";

struct Suppression {
  std::string reason;
  std::string note;
  base::Time at;
};

/// The first refusal of an address stays; a second changes nothing.
void suppress(store::Connection& db, std::string_view address_key, const Suppression& why);
[[nodiscard]] std::optional<Suppression> find_suppression(store::Connection& db, std::string_view address_key);

}  // namespace todoku::audience
