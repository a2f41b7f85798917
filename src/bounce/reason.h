// The causes of a failed delivery: the one list that code switches on. data/rules/reasons.toml holds for each its
// names, explanation and remedy; a test keeps the two the same.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace todoku::bounce {

enum class Reason : std::uint8_t {
  user_unknown,
  moved,
  host_unknown,
  no_mail_accepted,
  account_disabled,
  recipient_refused,
  mailbox_full,
  recipient_size_limit,
  message_too_big,
  virus_detected,
  spam_detected,
  content_rejected,
  policy_violation,
  line_too_long,
  not_rfc_compliant,
  protocol_error,
  authentication_failed,
  no_reverse_dns,
  tls_failed,
  security_refused,
  blocked,
  bad_reputation,
  sender_refused,
  rate_limited,
  too_many_connections,
  relay_denied,
  system_full,
  system_error,
  mailer_error,
  network_error,
  expired,
  provider_suppressed,
  complaint,
  auto_reply,
  delivered,
  unknown,
};
inline constexpr int kReasonCount = static_cast<int>(Reason::unknown) + 1;

/// What a reason means for the address and the campaign.
enum class Effect : std::uint8_t {
  hard,         // the address is dead
  soft,         // of the address, but may pass: counted
  message,      // of this mail: the address is not at fault
  sender,       // of us: IP, domain, authentication
  slow_down,    // too fast
  hold,         // a relay keeps it back
  unsubscribe,  // the reader complained
  none,
};

enum class Party : std::uint8_t { sender_list, sender_message, our_server, recipient, recipient_admin, human, nobody };

/// The words of reasons.tsv, for the database, JSON and the rules.
[[nodiscard]] std::string_view to_string(Reason reason);
[[nodiscard]] std::string_view to_string(Effect effect);
[[nodiscard]] std::string_view to_string(Party party);
[[nodiscard]] std::optional<Reason> reason_of(std::string_view name);
[[nodiscard]] std::optional<Effect> effect_of(std::string_view name);
[[nodiscard]] std::optional<Party> party_of(std::string_view name);

}  // namespace todoku::bounce
