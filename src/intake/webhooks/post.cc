#include "intake/webhooks/post.h"

#include <string>

#include "authentication/message_proof.h"
#include "base/ascii.h"
#include "intake/webhooks/json_reading.h"
#include "smtp/sasl.h"

namespace todoku::intake::webhooks {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::string_view kBasic = "Basic ";
constexpr std::string_view kBearer = "Bearer ";

/// What the Authorization field proves knowledge of.
std::string password_of(std::string_view authorization) {
  if (base::istarts_with(authorization, kBearer)) return std::string(base::trim(authorization.substr(kBearer.size())));
  if (!base::istarts_with(authorization, kBasic)) return {};
  const auto both = smtp::from_base64(base::trim(authorization.substr(kBasic.size()))).value_or("");
  const std::size_t colon = both.find(':');
  return colon == std::string::npos ? std::string() : both.substr(colon + 1);
}

}  // namespace

base::Result<void> check_age(std::string_view signed_at, base::Time now) {
  const auto time = parse_time(signed_at);
  if (!time) return Error{ErrorCode::refused, "the signature's time is missing or none", "", ""};
  if (*time < now - kReplayWindow) {
    return Error{ErrorCode::refused, "the signature is older than a day: a replay", "check this machine's clock", ""};
  }
  if (*time > now + kAheadWindow) {
    return Error{ErrorCode::refused, "the signature is of the future", "check this machine's clock", ""};
  }
  return base::done;
}

base::Result<void> check_secret(const base::Secret& secret, const Post& post) {
  const std::string authorization = password_of(post.field ? post.field("Authorization") : std::string_view());
  const bool known = !secret.empty() && (authentication::same_secret(secret.reveal(), post.secret) ||
                                         authentication::same_secret(secret.reveal(), authorization));
  if (known) return base::done;
  return Error{ErrorCode::refused, "the secret is missing or wrong",
               "it is the last part of the webhook's URL, or the password of its Basic authentication", ""};
}

}  // namespace todoku::intake::webhooks
