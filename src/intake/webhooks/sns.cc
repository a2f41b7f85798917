#include "intake/webhooks/sns.h"

#include <algorithm>
#include <array>

#include "authentication/message_proof.h"
#include "base/ascii.h"
#include "intake/webhooks/json_reading.h"
#include "net/https_client.h"
#include "smtp/sasl.h"

namespace todoku::intake::webhooks {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::uint16_t kHttpsPort = 443;
constexpr std::size_t kLongestRegion = 32;

/// As it is: the signature is over its every byte.
std::string exact_text(const boost::json::object& in, std::string_view name) {
  const boost::json::value* value = in.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

bool is_region(std::string_view text) {
  return !text.empty() && text.size() <= kLongestRegion &&
         std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || base::ascii_digit(c) || c == '-'; });
}

/// "sns.REGION.amazonaws.com" or the same below .cn.
bool is_sns_host(std::string_view host) {
  constexpr std::string_view kBegin = "sns.";
  if (!host.starts_with(kBegin)) return false;
  host.remove_prefix(kBegin.size());
  for (const std::string_view end : {".amazonaws.com", ".amazonaws.com.cn"}) {
    if (host.ends_with(end)) return is_region(host.substr(0, host.size() - end.size()));
  }
  return false;
}

std::optional<net::HttpsPlace> sns_place(const std::string& url) {
  auto place = net::parse_https_url(url);
  if (!place || place->port != kHttpsPort || !is_sns_host(place->host)) return std::nullopt;
  return place;
}

bool has_all(const SnsMessage& message) {
  const bool confirmation = message.type != "Notification";
  for (const std::string* text : {&message.id, &message.topic, &message.timestamp, &message.signature,
                                  &message.signature_version, &message.certificate_url}) {
    if (text->empty()) return false;
  }
  return !confirmation || (!message.token.empty() && !message.subscribe_url.empty());
}

bool known_type(std::string_view type) {
  return type == "Notification" || type == "SubscriptionConfirmation" || type == "UnsubscribeConfirmation";
}

}  // namespace

base::Result<SnsMessage> parse_sns(std::string_view body) {
  const auto parsed = parse_payload(body);
  if (!parsed) return parsed.error();
  SnsMessage message;
  if (const auto* object = parsed->if_object()) {
    message = {.type = exact_text(*object, "Type"),
               .id = exact_text(*object, "MessageId"),
               .topic = exact_text(*object, "TopicArn"),
               .subject = exact_text(*object, "Subject"),
               .has_subject = object->contains("Subject") && object->at("Subject").is_string(),
               .message = exact_text(*object, "Message"),
               .timestamp = exact_text(*object, "Timestamp"),
               .token = exact_text(*object, "Token"),
               .subscribe_url = exact_text(*object, "SubscribeURL"),
               .signature_version = exact_text(*object, "SignatureVersion"),
               .signature = exact_text(*object, "Signature"),
               .certificate_url = exact_text(*object, "SigningCertURL")};
  }
  if (known_type(message.type) && has_all(message)) return message;
  return Error{ErrorCode::invalid, "it is no message of Amazon SNS with a signature",
               "subscribe this URL to the SNS topic with \"raw message delivery\" turned off", ""};
}

std::string signed_text(const SnsMessage& message) {
  std::string text;
  const auto add = [&text](std::string_view name, const std::string& value) {
    text.append(name).append("\n").append(value).append("\n");
  };
  add("Message", message.message);
  add("MessageId", message.id);
  if (message.type == "Notification") {
    if (message.has_subject) add("Subject", message.subject);
    add("Timestamp", message.timestamp);
  } else {
    add("SubscribeURL", message.subscribe_url);
    add("Timestamp", message.timestamp);
    add("Token", message.token);
  }
  add("TopicArn", message.topic);
  add("Type", message.type);
  return text;
}

base::Result<void> verify_sns(const SnsMessage& message, const std::string& certificate, base::Time now) {
  const bool second = message.signature_version == "2";
  if (!second && message.signature_version != "1") {
    return Error{ErrorCode::refused, "the signature is of an unknown version", "", ""};
  }
  const auto hash = second ? authentication::SignatureHash::sha256 : authentication::SignatureHash::sha1;
  const std::string signature = smtp::from_base64(message.signature).value_or("");
  return authentication::certificate_signed(certificate, hash, signed_text(message), signature, now);
}

bool is_certificate_url(const std::string& url) {
  const auto place = sns_place(url);
  return place && place->path.starts_with("/SimpleNotificationService-") && place->path.ends_with(".pem") &&
         place->path.find_first_of("?#%") == std::string::npos;
}

bool is_confirmation_url(const std::string& url) {
  const auto place = sns_place(url);
  return place && place->path.starts_with("/?") && place->path.find("Action=ConfirmSubscription") != std::string::npos;
}

}  // namespace todoku::intake::webhooks
