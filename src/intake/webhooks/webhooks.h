// The webhooks of all relays: who posts is proved, what is posted becomes words for the Taker.
//
// A post is taken in two steps. verify() proves it, on an I/O thread; for Amazon it may fetch a certificate or confirm
// a subscription. read() parses and diagnoses, on a worker.
#pragma once
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "bounce/rules.h"
#include "intake/arrival.h"
#include "intake/webhooks/event.h"
#include "intake/webhooks/mailgun.h"
#include "intake/webhooks/post.h"
#include "intake/webhooks/sns.h"
#include "net/https_client.h"
#include "net/task.h"

namespace todoku::intake::webhooks {

/// An empty one: that relay's posts are not taken.
struct Settings {
  std::vector<std::string> ses_topics;  // ARNs of SNS topics
  std::string sendgrid_key;             // verification key, base64 of DER
  base::Secret mailgun_key;             // HTTP webhook signing key
  base::Secret postmark_secret;
  base::Secret sparkpost_secret;
  base::Secret brevo_secret;
};

/// Asks a web server; resolving and guarding against addresses inside are its part.
using HttpsGet = std::function<net::Task<base::Result<net::HttpsAnswer>>(net::HttpsPlace)>;

struct Words {
  std::vector<RelayWord> words;
  std::vector<Unread> unread;
};

/// Thread-safe.
class Webhooks {
 public:
  static constexpr std::size_t kBodyLimit = 8UL * 1024 * 1024;

  /// The rules live longer. Errors: `invalid` for a key that is none, a topic that is no ARN, a secret that is too
  /// short.
  [[nodiscard]] static base::Result<std::unique_ptr<Webhooks>> make(Settings settings, const bounce::Rules& rules,
                                                                    HttpsGet get);

  /// Whether there is such a relay and it is set up. Errors: `not_found`, with what to do.
  [[nodiscard]] base::Result<void> find(std::string_view relay) const;

  /// What of the post is to be read now that it is proved; empty: nothing. Errors: `refused`, `invalid`, `unavailable`
  /// (what the proof needs cannot be had now), `not_found`.
  [[nodiscard]] net::Task<base::Result<std::string>> verify(std::string relay, Post post);

  /// Errors: `invalid`, `limit`.
  [[nodiscard]] base::Result<Words> read(std::string_view relay, std::string_view payload, base::Time at) const;

 private:
  Webhooks(Settings settings, std::string sendgrid_key, const bounce::Rules& rules, HttpsGet get);
  base::Result<void> check(std::string_view relay, const Post& post);
  net::Task<base::Result<std::string>> verify_ses(Post post);
  net::Task<base::Result<std::string>> certificate(std::string url);
  net::Task<base::Result<std::string>> confirm(SnsMessage message);
  base::Result<void> check_topic(const SnsMessage& message) const;

  Settings settings_;
  std::string sendgrid_key_;  // DER
  const bounce::Rules& rules_;
  HttpsGet get_;
  MailgunTokens mailgun_tokens_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::string> certificates_;  // by URL; guarded by mutex_
};

}  // namespace todoku::intake::webhooks
