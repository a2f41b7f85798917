// The log's line of one outcome. Logs go to more places than the database, so it names the reader by number: mailboxes
// that a server quotes in its reply (the reader's, or our return path with its token) are masked.
#pragma once
#include <string>
#include <string_view>

#include "queue/outcome.h"

namespace todoku::delivery {

/// "550 <reader@example.jp> unknown" → "550 <…@example.jp> unknown".
[[nodiscard]] std::string without_mailboxes(std::string_view text);

/// At level info. `receiver`: as in Allowance; empty: not known.
void log_outcome(std::string_view receiver, const queue::Outcome& outcome);

}  // namespace todoku::delivery
