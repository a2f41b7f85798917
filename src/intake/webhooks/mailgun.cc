#include "intake/webhooks/mailgun.h"

#include <fmt/format.h>

#include <array>
#include <boost/json/serialize.hpp>

#include "authentication/message_proof.h"
#include "authentication/sha256.h"
#include "intake/webhooks/json_reading.h"
#include "intake/webhooks/reading.h"

namespace todoku::intake::webhooks {
namespace {

namespace json = boost::json;
using base::Error;
using base::ErrorCode;
using bounce::Kind;
using bounce::Reason;

constexpr auto kKinds = std::to_array<EventKind>({
    {"failed", Kind::bounce},
    {"rejected", Kind::bounce, Reason::provider_suppressed, true},
    {"delivered", Kind::delivered},
    {"complained", Kind::complaint},
});

/// "reason" of "failed".
constexpr auto kReasons = std::to_array<EventKind>({
    {"suppress-bounce", Kind::bounce, Reason::provider_suppressed, true},
    {"suppress-complaint", Kind::bounce, Reason::provider_suppressed, true},
    {"suppress-unsubscribe", Kind::bounce, Reason::provider_suppressed, true},
    {"espblock", Kind::bounce, Reason::blocked},
    {"old", Kind::bounce, Reason::expired},
});

const json::object kNone;

const json::object& object_or_none(const json::object& in, std::string_view name) {
  const json::object* found = object_in(in, name);
  return found == nullptr ? kNone : *found;
}

std::string reply_in(const json::object& status) {
  std::string text = text_in(status, "message");
  if (text.empty()) text = text_in(status, "description");
  const std::string code = text_in(status, "code");
  // 498 and 499 are Mailgun's own: it found no server, or none answered.
  return code == "498" || code == "499" ? text : reply_of(code, std::move(text));
}

void add_failure(const json::object& data, Event& event) {
  const std::string severity = text_in(data, "severity");
  const std::string reason = text_in(data, "reason");
  if (severity == "temporary") event.kind = Kind::delay;
  event.claim.words = severity + "/" + reason;
  if (const EventKind* claimed = find_kind(kReasons, reason)) {
    event.claim.reason = claimed->reason;
    event.claim.kept_back = claimed->kept_back;
  }
}

bounce::OriginalMail original_in(const json::object& data) {
  const json::object& headers = object_or_none(object_or_none(data, "message"), "headers");
  return {.message_id = without_brackets(text_in(headers, "message-id")),
          .return_path = text_in(object_or_none(data, "envelope"), "sender"),
          .subject = text_in(headers, "subject"),
          .from = text_in(headers, "from"),
          .to = text_in(headers, "to"),
          .date = text_in(headers, "date")};
}

base::Result<std::vector<Event>> read_event(const json::object& object, base::Time at) {
  const json::object* data = object_in(object, "event-data");
  if (data == nullptr) return lacks("event-data");
  const std::string word = text_in(*data, "event");
  if (word.empty()) return lacks("event-data.event");
  const EventKind* kind = find_kind(kKinds, word);
  if (kind == nullptr) return std::vector<Event>();
  Event event = event_of(*kind, word);
  event.address = text_in(*data, "recipient");
  if (event.address.empty()) return lacks("event-data.recipient");
  const json::object& status = object_or_none(*data, "delivery-status");
  event.identity = text_in(*data, "id");
  event.reply = word == "rejected" ? text_in(object_or_none(*data, "reject"), "reason") : reply_in(status);
  event.status = text_in(status, "enhanced-code");
  event.remote_mta = text_in(status, "mx-host");
  event.original = original_in(*data);
  event.at = time_in(*data, "timestamp").value_or(at);
  if (word == "failed") add_failure(*data, event);
  return std::vector{std::move(event)};
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) fmt::format_to(std::back_inserter(text), "{:02x}", static_cast<unsigned char>(byte));
  return text;
}

}  // namespace

bool MailgunTokens::take(const std::string& token, std::string_view event) {
  const auto digest = authentication::sha256(event);
  std::string key(digest.begin(), digest.end());
  const std::lock_guard lock(mutex_);
  const auto [known, fresh] = events_.try_emplace(token, key);
  if (!fresh) return known->second == key;
  order_.push_back(token);
  if (order_.size() > kMost) {
    events_.erase(order_.front());
    order_.pop_front();
  }
  return true;
}

base::Result<void> verify_mailgun(const base::Secret& key, MailgunTokens& tokens, const Post& post) {
  const auto parsed = parse_payload(post.body);
  if (!parsed) return parsed.error();
  const json::object& top = parsed->is_object() ? parsed->get_object() : kNone;
  const json::object* proof = object_in(top, "signature");
  if (proof == nullptr) return Error{ErrorCode::refused, "it has no signature", "this URL is for Mailgun alone", ""};
  const std::string time = text_in(*proof, "timestamp"), token = text_in(*proof, "token");
  const std::string expected = hex(authentication::hmac_sha256(key, time + token));
  if (token.empty() || !authentication::same_secret(expected, text_in(*proof, "signature"))) {
    return Error{ErrorCode::refused, "the signature does not fit the message",
                 "compare webhooks.mailgun_key with Mailgun's HTTP webhook signing key", ""};
  }
  if (auto young = check_age(time, post.at); !young) return young;
  if (tokens.take(token, json::serialize(object_or_none(top, "event-data")))) return base::done;
  return Error{ErrorCode::refused, "the signature was used for another event: a replay", "", ""};
}

base::Result<Reading> read_mailgun(std::string_view payload, base::Time at) {
  return read_each(payload, at, read_event);
}

}  // namespace todoku::intake::webhooks
