// Postmark's webhooks: https://postmarkapp.com/developer/webhooks/webhooks-overview
#pragma once
#include <string_view>

#include "base/result.h"
#include "intake/webhooks/event.h"

namespace todoku::intake::webhooks {

/// Errors: as read_each.
[[nodiscard]] base::Result<Reading> read_postmark(std::string_view payload, base::Time at);

}  // namespace todoku::intake::webhooks
