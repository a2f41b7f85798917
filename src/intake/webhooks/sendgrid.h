// Twilio SendGrid's Event Webhook, signed: https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
#pragma once
#include <string_view>

#include "base/result.h"
#include "intake/webhooks/event.h"
#include "intake/webhooks/post.h"

namespace todoku::intake::webhooks {

/// ECDSA over timestamp and body; `key` is the verification key in DER. Errors: `refused`.
[[nodiscard]] base::Result<void> verify_sendgrid(std::string_view key, const Post& post);

/// Also the older form without "event", which holds bounces alone. Errors: as read_each.
[[nodiscard]] base::Result<Reading> read_sendgrid(std::string_view payload, base::Time at);

}  // namespace todoku::intake::webhooks
