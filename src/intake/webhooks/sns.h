// Amazon SNS's messages over HTTP, as far as they can be read without I/O:
// https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
#pragma once
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace todoku::intake::webhooks {

struct SnsMessage {
  std::string type;  // "Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"
  std::string id;
  std::string topic;    // its ARN
  std::string subject;  // of a notification; may be missing
  bool has_subject = false;
  std::string message;
  std::string timestamp;
  std::string token;          // of the confirmations
  std::string subscribe_url;  // likewise
  std::string signature_version;
  std::string signature;  // base64
  std::string certificate_url;
};

/// Errors: `invalid` for what is no such message; the hint tells of "raw message delivery", which has no signature.
[[nodiscard]] base::Result<SnsMessage> parse_sns(std::string_view body);

/// What the signature is over.
[[nodiscard]] std::string signed_text(const SnsMessage& message);

/// By the certificate in PEM. Errors: `refused`, `invalid`.
[[nodiscard]] base::Result<void> verify_sns(const SnsMessage& message, const std::string& certificate, base::Time now);

/// Whether a URL is one of Amazon SNS itself ("https://sns.eu-west-1.amazonaws.com/…", amazonaws.com.cn) and names a
/// certificate, or confirms a subscription. Everything else would let a stranger send us to any place.
[[nodiscard]] bool is_certificate_url(const std::string& url);
[[nodiscard]] bool is_confirmation_url(const std::string& url);

}  // namespace todoku::intake::webhooks
