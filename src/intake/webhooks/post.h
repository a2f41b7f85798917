// One POST of a relay, as its verification sees it.
#pragma once
#include <functional>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

namespace todoku::intake::webhooks {

/// Views live as long as the post is looked at.
struct Post {
  std::string_view body;
  std::string_view secret = {};                                  // the last segment of the URL's path; may be empty
  std::function<std::string_view(std::string_view)> field = {};  // a header field; empty where there is none
  base::Time at;
};

/// How far a signature's time may lie back: relays repeat a post for up to a day, and may keep its time. What is
/// younger and comes twice is known by its identity.
inline constexpr base::Duration kReplayWindow = std::chrono::hours(25);
inline constexpr base::Duration kAheadWindow = std::chrono::minutes(5);  // clocks differ

/// Errors: `refused`.
[[nodiscard]] base::Result<void> check_age(std::string_view signed_at, base::Time now);

/// The secret in the URL, or as the password of HTTP Basic, or as a Bearer token. Errors: `refused`.
[[nodiscard]] base::Result<void> check_secret(const base::Secret& secret, const Post& post);

}  // namespace todoku::intake::webhooks
