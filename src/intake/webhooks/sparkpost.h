// SparkPost (Bird)'s webhooks: https://developers.sparkpost.com/api/webhooks
#pragma once
#include <string_view>

#include "base/result.h"
#include "intake/webhooks/event.h"

namespace todoku::intake::webhooks {

/// Errors: as read_each.
[[nodiscard]] base::Result<Reading> read_sparkpost(std::string_view payload, base::Time at);

}  // namespace todoku::intake::webhooks
