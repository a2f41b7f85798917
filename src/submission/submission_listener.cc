#include "submission/submission_listener.h"

#include <sodium.h>

#include <array>
#include <exception>

#include "audience/transactional.h"
#include "base/log.h"
#include "mail/address.h"
#include "net/signal.h"
#include "submission/submission.h"
#include "submission/submitted_mail.h"

namespace todoku::submission {
namespace {

using smtp::Answer;

const Answer kPutOff{451, "4.3.0 cannot be stored at the moment, come back later"};
constexpr base::Duration kPatience = std::chrono::minutes(3);

/// Before the @ of a Message-ID that the client left out.
std::string spare_id() {
  std::array<unsigned char, 16> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  std::array<char, 33> text{};
  return sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
}

Answer refusal(const base::Error& error) {
  const std::string why = error.message + (error.hint.empty() ? "" : "; " + error.hint);
  if (error.code == base::ErrorCode::refused) return {550, "5.7.1 " + why};
  if (error.code == base::ErrorCode::limit) return {554, "5.4.6 " + why};
  return {550, "5.6.0 " + why};
}

/// What the writer's thread tells the session, which may be gone by then.
struct Stored {
  std::int64_t id = 0;
  std::exception_ptr failure;
  net::Signal over;
};

}  // namespace

void SubmissionListener::know(const SubmissionKey& key) {
  const std::lock_guard lock(mutex_);
  Known& known = known_[key.name];
  const bool same = known.budget && known.key.id == key.id && known.key.per_minute == key.per_minute &&
                    known.key.per_hour == key.per_hour;
  known.key = key;
  if (!same) known.budget = std::make_shared<Budget>(double(key.per_minute), double(key.per_hour));
}

std::optional<SubmissionListener::Known> SubmissionListener::known(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(name);
  return found == known_.end() ? std::nullopt : std::optional(found->second);
}

net::Task<Answer> SubmissionListener::authenticate(smtp::Visit& visit, const smtp::Credentials& credentials) {
  if (!visit.secure) co_return Answer{538, "5.7.11 start TLS first"};
  std::optional<SubmissionKey> key;
  bool away = false;
  try {
    key = co_await net::offload(
        runtime_, [this, &credentials] { return check_key(*store_.read(), credentials.user, credentials.password); });
  } catch (const store::Failure& failure) {
    base::log::warning("key_not_checked", {{"cause", failure.what()}});
    away = true;
  }
  if (away) co_return Answer{454, "4.7.0 cannot be checked at the moment, come back later"};
  if (!key) {
    base::log::info("submission_auth_failed", {{"peer", visit.peer}});
    co_return Answer{535, "5.7.8 user or password wrong"};
  }
  know(*key);
  co_return Answer{};
}

/// Anew, so that a key that was revoked meanwhile ends with the next mail. Throws where the database is away.
net::Task<std::optional<SubmissionKey>> SubmissionListener::look_up(const std::string& name) {
  co_return co_await net::offload(runtime_, [this, &name] { return find_key(*store_.read(), name); });
}

net::Task<Answer> SubmissionListener::sender(smtp::Visit& visit, const std::string& address) {
  if (!visit.secure || visit.user.empty()) co_return Answer{530, "5.7.0 sign in first"};
  const auto parsed = mail::parse_address(address);
  if (!parsed) co_return Answer{550, "5.7.1 the sender must be an address of yours"};
  std::optional<SubmissionKey> key;
  bool away = false;
  try {
    key = co_await look_up(visit.user);
  } catch (const store::Failure& failure) {
    base::log::warning("key_not_checked", {{"cause", failure.what()}});
    away = true;
  }
  if (away) co_return kPutOff;
  if (!key) co_return Answer{550, "5.7.1 this key was revoked"};
  know(*key);
  if (!key->allows(parsed->ascii_domain)) {
    co_return answered({550, "5.7.1 this key may not send for " + parsed->ascii_domain});
  }
  co_return Answer{};
}

net::Task<Answer> SubmissionListener::recipient(smtp::Visit& visit, const std::string& address) {
  const auto key = known(visit.user);
  if (!key) co_return Answer{530, "5.7.0 sign in first"};
  const auto parsed = mail::parse_address(address);
  if (!parsed) co_return Answer{553, "5.1.3 " + parsed.error().message};
  std::optional<bool> refused;
  try {
    refused = co_await net::offload(
        runtime_, [this, &parsed] { return audience::refuses_all_mail(*store_.read(), parsed->match_key()); });
  } catch (const store::Failure& failure) {
    base::log::warning("recipient_not_checked", {{"cause", failure.what()}});
  }
  if (!refused) co_return kPutOff;
  if (*refused) {
    co_return answered({550, "5.7.1 this address is stopped: it failed, complained or was barred (todoku stops)"});
  }
  const auto now = std::chrono::steady_clock::now();
  if (!key->budget->minute.take("", now) || !key->budget->hour.take("", now)) {
    co_return answered({451, "4.7.1 this key has sent what it may for now, come back later"});
  }
  co_return Answer{};
}

net::Task<Answer> SubmissionListener::message(smtp::Visit& visit) {
  const auto key = known(visit.user);
  if (!key) co_return Answer{530, "5.7.0 sign in first"};
  co_return answered(co_await keep(visit, key->key));
}

net::Task<Answer> SubmissionListener::keep(smtp::Visit& visit, const SubmissionKey& key) {
  const base::Time now = clock_.now();
  auto mail = prepare(visit.content, key, spare_id(), now);
  visit.content.clear();
  if (!mail) co_return refusal(mail.error());
  auto wanted = std::make_shared<NewSubmission>();  // shared with the writer, as `stored` is
  wanted->key = key.id;
  wanted->sender = visit.sender;
  const auto sender = mail::parse_address(visit.sender);
  wanted->return_domain = options_.bounce_domain.empty() && sender ? sender->ascii_domain : options_.bounce_domain;
  wanted->mail = *std::move(mail);
  for (const std::string& recipient : visit.recipients) {
    if (auto address = mail::parse_address(recipient)) wanted->recipients.push_back(*std::move(address));
  }
  auto stored = std::make_shared<Stored>();
  co_await runtime_.offload([this, wanted, stored, now] {  // blocks only where too many jobs wait
    store_.write([wanted, stored, now](store::Connection& db) { stored->id = accept(db, *wanted, now); },
                 [stored](std::exception_ptr failure) {
                   stored->failure = std::move(failure);
                   stored->over.set();
                 });
  });
  if (!co_await stored->over.wait(kPatience)) co_return kPutOff;
  if (stored->failure) {
    base::log::error("submission_not_stored", {{"key", key.name}});
    co_return kPutOff;
  }
  base::log::info("submission", {{"id", stored->id},
                                 {"key", key.name},
                                 {"recipients", wanted->recipients.size()},
                                 {"bytes", wanted->mail.content.size()}});
  co_return Answer{250, "2.0.0 queued as " + std::to_string(stored->id)};
}

Answer SubmissionListener::answered(Answer answer) const {
  if (options_.observe) {
    options_.observe(answer.code < 300 ? "accepted" : answer.code < 500 ? "put_off" : "refused");
  }
  return answer;
}

smtp::ServerSettings submission_settings() {
  using namespace std::chrono_literals;
  smtp::ServerSettings settings;
  settings.protocol.offer_auth = true;
  settings.protocol.auth_required = true;
  settings.protocol.auth_in_plain = false;
  settings.protocol.recipients_limit = 100;
  settings.protocol.errors_limit = 10;
  settings.limits = {.command = 5min, .content = 10min, .write = 1min, .session = 1h, .bytes = 256 << 20};
  settings.peer.connections = 50;
  settings.peer.auth_failures = {.per_minute = 5};
  return settings;
}

}  // namespace todoku::submission
