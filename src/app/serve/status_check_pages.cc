#include "app/serve/status_check_pages.h"

#include <boost/json/value.hpp>

#include "app/phrase.h"
#include "base/log.h"
#include "http/language.h"
#include "http/response.h"
#include "net/client_counts.h"
#include "remedy/status_check_script.h"

namespace todoku::app {
namespace {

using bounce::Language;

std::string_view parameter(const http::Request& request, std::string_view name) {
  return request.query.find(name).value_or("");
}

Language language_of(const http::Request& request) {
  constexpr std::string_view kOurs[] = {"ja", "en"};
  std::string_view wanted = parameter(request, "lang");
  if (wanted != "ja" && wanted != "en") wanted = http::preferred_language(request.fields.get("Accept-Language"), kOurs);
  return wanted == "ja" ? Language::ja : Language::en;
}

http::Response refusal() {
  return http::error_response({403, "refused", "the question is not signed by a key, or no longer valid",
                               "docs/remedies.md tells how to sign"});
}

http::Response too_many() {
  http::Response response =
      http::error_response({429, "limit", "too many questions", "ask once for each time that somebody signs in"});
  response.fields.add("Retry-After", "60");
  return response;
}

http::Response status_response(const std::optional<bounce::Reason>& reason, Language language) {
  return http::json_response(200, {{"failing", reason.has_value()},
                                   {"reason", reason ? bounce::to_string(*reason) : ""},
                                   {"message", reason ? remedy::member_notice(*reason, language) : ""},
                                   {"action", reason ? remedy::member_action(*reason) : ""},
                                   {"lang", language == Language::ja ? "ja" : "en"}});
}

/// Lets the key's own pages read the answer, whatever it is.
void allow(http::Response& response, const remedy::StatusCheckKey& key, std::string_view origin) {
  if (origin != key.origin) return;
  response.fields.add("Access-Control-Allow-Origin", origin);
  response.fields.set("Cross-Origin-Resource-Policy", "cross-origin");
}

}  // namespace

StatusCheckPages::StatusCheckPages(store::Store& store, net::Runtime& runtime, const base::Clock& clock,
                                   const StatusCheckLimits& limits)
    : store_(store),
      runtime_(runtime),
      clock_(clock),
      clients_({.per_minute = limits.per_client}),
      keys_({.per_minute = limits.per_key}) {}

void StatusCheckPages::add_to(http::Router& router) {
  router.add(http::Method::get, "/status-check", [this](http::Request& request) { return answer(request); });
  router.add(http::Method::get, "/status-check.js", [this](http::Request& request) { return script(request); });
}

net::Task<http::Response> StatusCheckPages::answer(http::Request& request) {
  if (!clients_.take(net::client_of(request.peer), std::chrono::steady_clock::now())) co_return too_many();
  http::Response response = co_await net::offload(runtime_, [this, &request] { return look(request); });
  response.fields.add("Vary", "Origin, Accept-Language");
  co_return response;
}

http::Response StatusCheckPages::look(const http::Request& request) {
  const store::Lease db = store_.read();
  const auto key = remedy::find_status_check_key(*db, parameter(request, "key"));
  const remedy::StatusQuestion question{.address = parameter(request, "address"),
                                        .expires = parameter(request, "expires"),
                                        .signature = parameter(request, "signature"),
                                        .origin = request.fields.get("Origin")};
  http::Response response = refusal();
  if (remedy::is_proved(key ? &*key : nullptr, question, clock_.now())) {
    response = keys_.take(key->name, std::chrono::steady_clock::now())
                   ? status_response(remedy::failing_reason(*db, question.address), language_of(request))
                   : too_many();
  }
  if (key) allow(response, *key, question.origin);
  return response;
}

net::Task<http::Response> StatusCheckPages::script(http::Request& /*request*/) {
  http::Response response =
      http::text_response(200, "text/javascript; charset=utf-8", std::string(remedy::status_check_script()));
  response.fields.set("Cross-Origin-Resource-Policy", "cross-origin");
  response.fields.set("Cache-Control", "public, max-age=3600");
  co_return response;
}

}  // namespace todoku::app
