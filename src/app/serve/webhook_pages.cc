#include "app/serve/webhook_pages.h"

#include <algorithm>
#include <boost/json/value.hpp>
#include <span>

#include "base/log.h"
#include "http/response.h"
#include "store/connection.h"

namespace todoku::app {
namespace {

using base::Error;
using base::ErrorCode;
using intake::webhooks::Webhooks;

constexpr std::size_t kGroup = 500;  // words in one transaction
constexpr int kUnauthorized = 401;

http::Response refusal(const std::string& relay, const Error& error, const http::Request& request) {
  base::log::warning("webhook_refused", {{"relay", relay}, {"peer", request.peer}, {"cause", error.text()}});
  http::Response response = http::error_response(error);
  const bool by_secret = relay == "postmark" || relay == "sparkpost" || relay == "brevo";
  if (error.code == ErrorCode::refused && by_secret) {
    response.status = kUnauthorized;
    response.fields.add("WWW-Authenticate", "Basic realm=\"webhooks\"");
  }
  if (error.code == ErrorCode::unavailable) response.fields.add("Retry-After", "60");
  return response;
}

http::Response away() {
  http::Response response =
      http::error_response(Error{ErrorCode::unavailable, "the database is away", "post the same again later", ""});
  response.fields.add("Retry-After", "60");
  return response;
}

}  // namespace

void WebhookPages::set(std::shared_ptr<Webhooks> webhooks) {
  const std::lock_guard lock(mutex_);
  webhooks_ = std::move(webhooks);
}

void WebhookPages::add_to(http::Router& router) {
  for (const char* pattern : {"/webhooks/{relay}", "/webhooks/{relay}/{secret}"}) {
    router.add(
        http::Method::post, pattern, [this](http::Request& request) { return receive(request); }, Webhooks::kBodyLimit);
  }
}

net::Task<http::Response> WebhookPages::receive(http::Request& request) {
  std::shared_ptr<Webhooks> webhooks;
  {
    const std::lock_guard lock(mutex_);
    webhooks = webhooks_;
  }
  const std::string relay(request.route.find("relay").value_or(""));
  const intake::webhooks::Post post{.body = request.body,
                                    .secret = request.route.find("secret").value_or(""),
                                    .field = [&request](std::string_view name) { return request.fields.get(name); },
                                    .at = clock_.now()};
  const auto payload = co_await webhooks->verify(relay, post);
  if (!payload) co_return refusal(relay, payload.error(), request);
  co_return co_await net::offload(runtime_,
                                  [this, &webhooks, &relay, &payload] { return store(*webhooks, relay, *payload); });
}

http::Response WebhookPages::store(Webhooks& webhooks, std::string_view relay, std::string_view payload) {
  try {
    if (payload.empty()) return http::json_response(200, {{"stored", 0}});
    auto words = webhooks.read(relay, payload, clock_.now());
    if (!words) {
      base::log::warning("webhook_unread", {{"relay", relay}, {"cause", words.error().text()}});
      bury_(relay, payload, words.error().text());
      return http::error_response(words.error());
    }
    for (const auto& unread : words->unread) bury_(relay, unread.content, unread.why);
    for (std::span<const intake::RelayWord> left(words->words); !left.empty();) {
      const auto group = left.first(std::min(kGroup, left.size()));
      taker_.take(group);
      left = left.subspan(group.size());
    }
    return http::json_response(200, {{"stored", words->words.size()}});
  } catch (const store::Failure& failure) {
    base::log::warning("webhook_postponed", {{"relay", relay}, {"cause", failure.what()}});
    return away();
  }
}

}  // namespace todoku::app
