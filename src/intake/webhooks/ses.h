// Amazon SES's notifications and events, as SNS carries them:
// https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html, …/event-publishing-retrieving-sns-contents.html
#pragma once
#include <string_view>

#include "base/result.h"
#include "intake/webhooks/event.h"

namespace todoku::intake::webhooks {

/// Of an SNS notification's message. Errors: as read_each.
[[nodiscard]] base::Result<Reading> read_ses(std::string_view payload, base::Time at);

}  // namespace todoku::intake::webhooks
