// RFC 3464's message/delivery-status and RFC 6533's message/global-delivery-status, read as leniently as mail systems
// write them: groups run together or torn apart, fields in any order, missing types, text instead of codes.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "smtp/reply.h"

namespace todoku::bounce {

enum class Action : std::uint8_t { none, failed, delayed, delivered, relayed, expanded };

struct RecipientStatus {
  std::string address;   // Final-Recipient; where that is none: X-Actual-Recipient, Original-Recipient
  std::string original;  // Original-Recipient
  Action action = Action::none;
  std::optional<smtp::EnhancedStatus> status;
  std::string diagnostic;  // one line, without its "smtp;"
  std::string remote_mta;
  bool smtp_diagnostic = false;  // its type says that a server's reply it is
};

struct DeliveryStatus {
  std::string reporting_mta;
  std::vector<RecipientStatus> recipients;
};

/// At most `limit` recipients. A text with no field of RFC 3464 gives none.
[[nodiscard]] DeliveryStatus read_delivery_status(std::string_view text, std::size_t limit = 1000);

}  // namespace todoku::bounce
