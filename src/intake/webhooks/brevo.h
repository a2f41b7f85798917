// Brevo's transactional webhooks: https://developers.brevo.com/docs/transactional-webhooks
#pragma once
#include <string_view>

#include "base/result.h"
#include "intake/webhooks/event.h"

namespace todoku::intake::webhooks {

/// Errors: as read_each.
[[nodiscard]] base::Result<Reading> read_brevo(std::string_view payload, base::Time at);

}  // namespace todoku::intake::webhooks
