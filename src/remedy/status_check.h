// What a member site may learn of its user's address: whether mail to it fails, and why, in words for that user.
//
// A question is signed by the site's server: HMAC-SHA256 with the key's secret over "ADDRESS\nEXPIRES", in hexadecimal;
// EXPIRES in seconds since 1970, at most an hour ahead. Whatever is wrong with a question, the refusal is the same, and
// is decided before the address is looked up: nobody else learns anything. An address that is not ours, one that gets
// mail and one that unsubscribed are answered alike.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "bounce/explanation.h"
#include "bounce/reason.h"
#include "remedy/status_check_key.h"
#include "store/connection.h"

namespace todoku::remedy {

inline constexpr std::chrono::seconds kLongestExpiry{3600};

struct StatusQuestion {
  std::string_view address;
  std::string_view expires;
  std::string_view signature;
  std::string_view origin;  // of the page that asks, as its browser says; empty: not asked by a page
};

/// The signature that belongs there.
[[nodiscard]] std::string sign_question(const base::Secret& secret, std::string_view address, std::string_view expires);

/// Whether the key's owner asked, not too long ago, from its own pages. `key`: none where there is no such key; takes
/// the same time then.
[[nodiscard]] bool is_proved(const StatusCheckKey* key, const StatusQuestion& question, base::Time now);

/// Why mail to the address fails; none while it does not.
[[nodiscard]] std::optional<bounce::Reason> failing_reason(store::Connection& db, std::string_view address);

/// In words for the owner of the address, who can do something about some of it.
[[nodiscard]] std::string_view member_notice(bounce::Reason reason, bounce::Language language);
/// What the site can offer: "correct_address", "free_mailbox", "allow_sender", "contact_provider".
[[nodiscard]] std::string_view member_action(bounce::Reason reason);

}  // namespace todoku::remedy
