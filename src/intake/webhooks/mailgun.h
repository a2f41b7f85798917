// Mailgun's webhooks: https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/webhooks
#pragma once
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "base/secret.h"
#include "intake/webhooks/event.h"
#include "intake/webhooks/post.h"

namespace todoku::intake::webhooks {

/// Mailgun's signature covers only a time and a token, so whoever learns one could put it on any event: a token is good
/// for one event. Thread-safe.
class MailgunTokens {
 public:
  static constexpr std::size_t kMost = 100'000;

  /// False: the token was seen with another event.
  [[nodiscard]] bool take(const std::string& token, std::string_view event);

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::string> events_;  // token → digest of its event; guarded by mutex_
  std::deque<std::string> order_;                        // oldest first; guarded by mutex_
};

/// HMAC over time and token; `key` is the HTTP webhook signing key. Errors: `invalid` for no JSON, `refused`.
[[nodiscard]] base::Result<void> verify_mailgun(const base::Secret& key, MailgunTokens& tokens, const Post& post);

/// Errors: as read_each.
[[nodiscard]] base::Result<Reading> read_mailgun(std::string_view payload, base::Time at);

}  // namespace todoku::intake::webhooks
