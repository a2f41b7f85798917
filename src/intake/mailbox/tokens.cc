#include "intake/mailbox/tokens.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <fstream>

#include "base/ascii.h"
#include "intake/mailbox/state.h"

namespace todoku::intake::mailbox {
namespace {

namespace json = boost::json;
using base::Error;
using base::ErrorCode;
using base::Result;

constexpr base::Duration kMargin{60'000};  // a token is not used in its last minute
constexpr base::Duration kDefaultLife{300'000};
constexpr std::int64_t kLongestLife = 86'400;
constexpr long kHttpOk = 200;
constexpr std::size_t kMostWords = 300;
constexpr std::size_t kLongestFile = 16UL * 1024;
constexpr std::size_t kDepth = 8;

std::string form_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = base::ascii_alpha(c) || base::ascii_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::string text_in(const json::object& in, std::string_view name) {
  const json::value* value = in.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::int64_t seconds_in(const json::object& in, std::string_view name) {
  const json::value* value = in.if_contains(name);
  return value != nullptr && value->is_int64() ? std::clamp<std::int64_t>(value->get_int64(), 0, kLongestLife) : 0;
}

Result<base::Secret> secret_in_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kLongestFile, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  const std::string_view read(text.data(), static_cast<std::size_t>(file.gcount()));
  if (base::trim(read).empty()) return Error{ErrorCode::io, "cannot be read, or is empty", "", path};
  return base::Secret(std::string(base::trim(read)));
}

}  // namespace

std::string token_request(const OAuth& oauth) {
  std::string form = "grant_type=refresh_token&refresh_token=" + form_encoded(oauth.refresh_token.reveal()) +
                     "&client_id=" + form_encoded(oauth.client_id);
  if (!oauth.client_secret.empty()) form += "&client_secret=" + form_encoded(oauth.client_secret.reveal());
  if (!oauth.scope.empty()) form += "&scope=" + form_encoded(oauth.scope);
  return form;
}

Result<AccessToken> parse_token_answer(long status, std::string_view body) {
  json::parse_options options;
  options.max_depth = kDepth;
  json::error_code failed;
  const json::value value = json::parse(body, failed, {}, options);
  const json::object* answer = failed ? nullptr : value.if_object();
  if (answer == nullptr) return Error{ErrorCode::invalid, "the token server's answer is no JSON object", "", ""};
  const std::string token = text_in(*answer, "access_token");
  if (status != kHttpOk || token.empty()) {
    const std::string said = text_in(*answer, "error") + " " + text_in(*answer, "error_description");
    return Error{ErrorCode::refused, "the token server gives no token: " + said.substr(0, kMostWords),
                 "grant the access anew, and put in the new refresh token", ""};
  }
  const std::int64_t seconds = seconds_in(*answer, "expires_in");
  return AccessToken{.token = base::Secret(token),
                     .lasts = seconds > 0 ? base::Duration(seconds * 1000) : kDefaultLife,
                     .refresh_token = base::Secret(text_in(*answer, "refresh_token"))};
}

net::Task<Result<Login>> LoginSource::login() {
  Login login{.user = settings_.user, .password = settings_.password, .access_token = {}};
  if (oauth_.used()) {
    auto token = co_await access_token();
    if (!token) co_return std::move(token).error();
    login.access_token = *std::move(token);
  } else if (!settings_.password_file.empty()) {
    auto password = co_await net::offload(runtime_, [this] { return secret_in_file(settings_.password_file); });
    if (!password) co_return std::move(password).error();
    login.password = *std::move(password);
  }
  co_return login;
}

bool LoginSource::refused() {
  const bool old = !token_.empty() && !fresh_;
  token_ = {};
  return old;
}

net::Task<Result<base::Secret>> LoginSource::access_token() {
  if (!oauth_.token_file.empty())
    co_return co_await net::offload(runtime_, [this] { return secret_in_file(oauth_.token_file); });
  fresh_ = token_.empty() || clock_.now() >= good_until_;
  if (!fresh_) co_return token_;
  co_return co_await new_token();
}

net::Task<Result<base::Secret>> LoginSource::new_token() {
  const std::string mailbox = state_key(settings_);
  if (!known_) {
    oauth_.refresh_token = co_await net::offload(
        runtime_, [&] { return find_grant(*store_.read(), mailbox, settings_.oauth.refresh_token); });
    known_ = true;
  }
  auto place = net::parse_https_url(oauth_.token_url);
  if (!place) co_return Error{ErrorCode::invalid, "is no https URL", "", oauth_.token_url};
  const auto answer = co_await post_(*std::move(place), token_request(oauth_));
  if (!answer) co_return answer.error();
  auto token = parse_token_answer(answer->status, answer->body);
  if (!token) co_return std::move(token).error();
  if (!token->refresh_token.empty() && token->refresh_token.reveal() != oauth_.refresh_token.reveal()) {
    oauth_.refresh_token = token->refresh_token;
    co_await runtime_.offload([&] {
      store_.write_now(
          [&](store::Connection& db) { keep_grant(db, mailbox, settings_.oauth.refresh_token, oauth_.refresh_token); });
    });
  }
  token_ = token->token;
  good_until_ = clock_.now() + token->lasts - kMargin;
  co_return token_;
}

}  // namespace todoku::intake::mailbox
