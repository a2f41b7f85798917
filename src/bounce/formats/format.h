// Formats of notices that the general readers (delivery_status.h, freeform.h) cannot do justice: one file each, and the
// table (formats.cc) that says which reads what.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "bounce/notice.h"
#include "bounce/verdicts.h"

namespace todoku::bounce {

/// Who wrote the notice, as far as its words tell; "rfc3464" where it is a DSN of nobody's.
[[nodiscard]] std::string format_name(const Notice& notice, bool dsn);

/// What the format's own reader finds; nothing where the format has none or the notice is not laid out as it should.
[[nodiscard]] std::vector<Finding> read_format(const Notice& notice, std::string_view format);

/// Who complained (RFC 5965, Hotmail's reports): addresses as far as the report tells them, at least one entry.
[[nodiscard]] std::vector<std::string> complaint_recipients(const Notice& notice);

/// The readers of formats.cc's table.
[[nodiscard]] std::vector<Finding> read_amazon_sns(const Notice& notice);
[[nodiscard]] std::vector<Finding> read_dragonfly(const Notice& notice);

}  // namespace todoku::bounce
