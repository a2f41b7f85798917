#include "intake/webhooks/webhooks.h"

#include <algorithm>
#include <array>

#include "authentication/message_proof.h"
#include "base/log.h"
#include "intake/webhooks/brevo.h"
#include "intake/webhooks/postmark.h"
#include "intake/webhooks/sendgrid.h"
#include "intake/webhooks/ses.h"
#include "intake/webhooks/sparkpost.h"
#include "smtp/sasl.h"

namespace todoku::intake::webhooks {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::size_t kShortestSecret = 16;
constexpr std::size_t kMostCertificates = 16;
constexpr long kHttpOk = 200;

struct Relay {
  std::string_view name;
  std::string_view setting;
  bool (*set_up)(const Settings& settings);
  base::Result<Reading> (*read)(std::string_view payload, base::Time at);
};

constexpr auto kRelays = std::to_array<Relay>({
    {"ses", "webhooks.ses_topics", [](const Settings& s) { return !s.ses_topics.empty(); }, read_ses},
    {"sendgrid", "webhooks.sendgrid_key", [](const Settings& s) { return !s.sendgrid_key.empty(); }, read_sendgrid},
    {"mailgun", "webhooks.mailgun_key", [](const Settings& s) { return !s.mailgun_key.empty(); }, read_mailgun},
    {"postmark", "webhooks.postmark_secret", [](const Settings& s) { return !s.postmark_secret.empty(); },
     read_postmark},
    {"sparkpost", "webhooks.sparkpost_secret", [](const Settings& s) { return !s.sparkpost_secret.empty(); },
     read_sparkpost},
    {"brevo", "webhooks.brevo_secret", [](const Settings& s) { return !s.brevo_secret.empty(); }, read_brevo},
});

const Relay* relay_of(std::string_view name) {
  const auto* found = std::ranges::find(kRelays, name, &Relay::name);
  return found == kRelays.end() ? nullptr : found;
}

base::Result<void> check_settings(const Settings& settings) {
  for (const std::string& topic : settings.ses_topics) {
    if (!topic.starts_with("arn:aws") || topic.find(":sns:") == std::string::npos) {
      return Error{ErrorCode::invalid, "'" + topic + "' is no topic of Amazon SNS",
                   "it looks like arn:aws:sns:eu-west-1:123456789012:bounces", "webhooks.ses_topics"};
    }
  }
  const std::pair<const char*, const base::Secret*> secrets[] = {
      {"webhooks.postmark_secret", &settings.postmark_secret},
      {"webhooks.sparkpost_secret", &settings.sparkpost_secret},
      {"webhooks.brevo_secret", &settings.brevo_secret}};
  for (const auto& [name, secret] : secrets) {
    if (!secret->empty() && secret->reveal().size() < kShortestSecret) {
      return Error{ErrorCode::invalid, "is too short to be safe", "make one of 32 characters: openssl rand -hex 16",
                   name};
    }
  }
  return base::done;
}

/// Empty where none is set.
base::Result<std::string> sendgrid_key_of(const Settings& settings) {
  if (settings.sendgrid_key.empty()) return std::string();
  auto key = smtp::from_base64(settings.sendgrid_key).value_or("");
  auto checked = authentication::check_p256_key(key);
  if (checked) return key;
  Error error = std::move(checked).error();
  error.where = "webhooks.sendgrid_key";
  return error;
}

}  // namespace

Webhooks::Webhooks(Settings settings, std::string sendgrid_key, const bounce::Rules& rules, HttpsGet get)
    : settings_(std::move(settings)), sendgrid_key_(std::move(sendgrid_key)), rules_(rules), get_(std::move(get)) {}

base::Result<std::unique_ptr<Webhooks>> Webhooks::make(Settings settings, const bounce::Rules& rules, HttpsGet get) {
  if (auto checked = check_settings(settings); !checked) return std::move(checked).error();
  auto key = sendgrid_key_of(settings);
  if (!key) return std::move(key).error();
  return std::unique_ptr<Webhooks>(new Webhooks(std::move(settings), *std::move(key), rules, std::move(get)));
}

base::Result<void> Webhooks::find(std::string_view relay) const {
  const Relay* known = relay_of(relay);
  if (known == nullptr) {
    return Error{ErrorCode::not_found, "there is no such relay",
                 "the URL ends in /webhooks/ and ses, sendgrid, mailgun, postmark, sparkpost or brevo", ""};
  }
  if (known->set_up(settings_)) return base::done;
  return Error{ErrorCode::not_found, "this relay is not set up", "set " + std::string(known->setting), ""};
}

base::Result<void> Webhooks::check(std::string_view relay, const Post& post) {
  if (relay == "sendgrid") return verify_sendgrid(sendgrid_key_, post);
  if (relay == "mailgun") return verify_mailgun(settings_.mailgun_key, mailgun_tokens_, post);
  if (relay == "postmark") return check_secret(settings_.postmark_secret, post);
  if (relay == "sparkpost") return check_secret(settings_.sparkpost_secret, post);
  return check_secret(settings_.brevo_secret, post);
}

net::Task<base::Result<std::string>> Webhooks::verify(std::string relay, Post post) {
  if (auto found = find(relay); !found) co_return std::move(found).error();
  if (relay == "ses") co_return co_await verify_ses(std::move(post));
  if (auto checked = check(relay, post); !checked) co_return std::move(checked).error();
  co_return std::string(post.body);
}

base::Result<void> Webhooks::check_topic(const SnsMessage& message) const {
  if (std::ranges::find(settings_.ses_topics, message.topic) != settings_.ses_topics.end()) return base::done;
  return Error{ErrorCode::refused, "the topic is none of ours", "add its ARN to webhooks.ses_topics", ""};
}

net::Task<base::Result<std::string>> Webhooks::verify_ses(Post post) {
  auto message = parse_sns(post.body);
  if (!message) co_return std::move(message).error();
  if (auto checked = check_topic(*message); !checked) co_return std::move(checked).error();
  if (auto young = check_age(message->timestamp, post.at); !young) co_return std::move(young).error();
  if (!is_certificate_url(message->certificate_url)) {
    co_return Error{ErrorCode::refused, "the certificate's URL is not one of Amazon SNS", "", ""};
  }
  const auto pem = co_await certificate(message->certificate_url);
  if (!pem) co_return pem.error();
  if (auto proved = verify_sns(*message, *pem, post.at); !proved) co_return std::move(proved).error();
  if (message->type == "Notification") co_return std::move(message->message);
  if (message->type == "SubscriptionConfirmation") co_return co_await confirm(*std::move(message));
  base::log::warning("sns_unsubscribed", {{"topic", message->topic}});
  co_return std::string();
}

net::Task<base::Result<std::string>> Webhooks::certificate(std::string url) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = certificates_.find(url); known != certificates_.end()) co_return known->second;
  }
  const auto got = co_await get_(*net::parse_https_url(url));
  if (!got || got->status != kHttpOk) {
    co_return Error{ErrorCode::unavailable, "Amazon's signing certificate cannot be had",
                    got ? "HTTP status " + std::to_string(got->status) : got.error().text(), ""};
  }
  const std::lock_guard lock(mutex_);
  if (certificates_.size() >= kMostCertificates) certificates_.clear();
  certificates_[url] = got->body;
  co_return got->body;
}

net::Task<base::Result<std::string>> Webhooks::confirm(SnsMessage message) {
  if (!is_confirmation_url(message.subscribe_url)) {
    co_return Error{ErrorCode::refused, "the confirmation's URL is not one of Amazon SNS", "", ""};
  }
  const auto got = co_await get_(*net::parse_https_url(message.subscribe_url));
  if (!got || got->status != kHttpOk) {
    co_return Error{ErrorCode::unavailable, "the subscription cannot be confirmed now",
                    got ? "HTTP status " + std::to_string(got->status) : got.error().text(), ""};
  }
  base::log::info("sns_subscribed", {{"topic", message.topic}});
  co_return std::string();
}

base::Result<Words> Webhooks::read(std::string_view relay, std::string_view payload, base::Time at) const {
  const Relay* known = relay_of(relay);
  if (known == nullptr) return Error{ErrorCode::not_found, "there is no such relay", "", ""};
  auto reading = known->read(payload, at);
  if (!reading) return std::move(reading).error();
  Words words;
  words.unread = std::move(reading->unread);
  bounce::Verdicts verdicts(rules_);
  for (Event& event : reading->events) words.words.push_back(word_of(verdicts, relay, std::move(event)));
  return words;
}

}  // namespace todoku::intake::webhooks
