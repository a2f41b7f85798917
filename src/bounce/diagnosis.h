// The one result of everything a mail system says about a mail: an SMTP reply, a DSN, a relay's webhook all end here.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bounce/reason.h"
#include "smtp/reply.h"

namespace todoku::bounce {

/// Why the verdict is what it is: a quoted line and the rule that read it.
struct Evidence {
  std::string rule;   // the rule's id, "gmail/user-unknown-1", or "status", "code" …
  std::string quote;  // the decisive text, as the server wrote it, at most 500 bytes
};

struct Diagnosis {
  std::string address;             // recipient, as the mail system wrote it; may be empty
  std::string original_recipient;  // whom we had written to, where a forwarding or an alias made `address` of it
  Reason reason = Reason::unknown;
  Effect effect = Effect::soft;
  Party who_acts = Party::human;
  bool permanent = false;  // the server gave up (5xx, Action: failed), as against "will try again"
  std::optional<smtp::EnhancedStatus> status;
  std::optional<int> reply_code;
  smtp::Stage stage = smtp::Stage::none;
  std::string diagnostic;  // the server's text, whole, at most 4 KiB
  std::string remote_mta;  // who said it, where known
  std::string provider;    // its provider's name in data/providers, where known
  // A second cause worth telling ("no such user, or the reader refuses mail from PCs"), most likely first.
  std::optional<Reason> other_reason;
  // A status or a code decided, beside words of the server's that no rule of the reason knows.
  bool words_unread = false;
  std::vector<Evidence> evidence;
};

enum class Kind : std::uint8_t { bounce, delay, delivered, complaint, auto_reply, other };
[[nodiscard]] std::string_view to_string(Kind kind);

}  // namespace todoku::bounce
