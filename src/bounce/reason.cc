#include "bounce/reason.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace todoku::bounce {
namespace {

constexpr std::array<std::string_view, kReasonCount> kReasons = {
    "user_unknown",
    "moved",
    "host_unknown",
    "no_mail_accepted",
    "account_disabled",
    "recipient_refused",
    "mailbox_full",
    "recipient_size_limit",
    "message_too_big",
    "virus_detected",
    "spam_detected",
    "content_rejected",
    "policy_violation",
    "line_too_long",
    "not_rfc_compliant",
    "protocol_error",
    "authentication_failed",
    "no_reverse_dns",
    "tls_failed",
    "security_refused",
    "blocked",
    "bad_reputation",
    "sender_refused",
    "rate_limited",
    "too_many_connections",
    "relay_denied",
    "system_full",
    "system_error",
    "mailer_error",
    "network_error",
    "expired",
    "provider_suppressed",
    "complaint",
    "auto_reply",
    "delivered",
    "unknown",
};
constexpr std::array<std::string_view, 8> kEffects = {"hard",      "soft", "message",     "sender",
                                                      "slow_down", "hold", "unsubscribe", "none"};
constexpr std::array<std::string_view, 7> kParties = {"sender_list",     "sender_message", "our_server", "recipient",
                                                      "recipient_admin", "human",          "nobody"};

template <class Enum, std::size_t N>
std::optional<Enum> find(const std::array<std::string_view, N>& names, std::string_view name) {
  const auto at = std::ranges::find(names, name);
  if (at == names.end()) return std::nullopt;
  return static_cast<Enum>(at - names.begin());
}

}  // namespace

std::string_view to_string(Reason reason) { return kReasons[static_cast<std::size_t>(reason)]; }
std::string_view to_string(Effect effect) { return kEffects[static_cast<std::size_t>(effect)]; }
std::string_view to_string(Party party) { return kParties[static_cast<std::size_t>(party)]; }

std::optional<Reason> reason_of(std::string_view name) { return find<Reason>(kReasons, name); }
std::optional<Effect> effect_of(std::string_view name) { return find<Effect>(kEffects, name); }
std::optional<Party> party_of(std::string_view name) { return find<Party>(kParties, name); }

}  // namespace todoku::bounce
