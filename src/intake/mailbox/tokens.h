// Passwords and OAuth 2 access tokens for signing in to a mailbox, fetched when needed (RFC 6749 section 6).
#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "intake/mailbox/account.h"
#include "intake/mailbox/settings.h"
#include "net/https_client.h"
#include "net/runtime.h"
#include "net/task.h"
#include "store/store.h"

namespace todoku::intake::mailbox {

/// Asks a web server with a form; resolving its name is its part.
using HttpsPost = std::function<net::Task<base::Result<net::HttpsAnswer>>(net::HttpsPlace, std::string form)>;

/// The form that asks for an access token.
[[nodiscard]] std::string token_request(const OAuth& oauth);

struct AccessToken {
  base::Secret token;
  base::Duration lasts{0};
  base::Secret refresh_token;  // a new one in the place of the old; mostly empty
};
/// Errors: `refused` with the server's words, `invalid` for what is no answer.
[[nodiscard]] base::Result<AccessToken> parse_token_answer(long status, std::string_view body);

/// Of one mailbox, for one task at a time.
class LoginSource {
 public:
  /// All live longer.
  LoginSource(const Settings& settings, net::Runtime& runtime, const base::Clock& clock, store::Store& store,
              HttpsPost post)
      : settings_(settings),
        runtime_(runtime),
        clock_(clock),
        store_(store),
        post_(std::move(post)),
        oauth_(settings.oauth) {}

  /// Errors: a file that cannot be read, a token that is not to be had. Throws store::Failure.
  [[nodiscard]] net::Task<base::Result<Login>> login();
  /// The server did not take it: the next one is fetched anew. True: it was an older access token, which may merely be
  /// over.
  [[nodiscard]] bool refused();

 private:
  net::Task<base::Result<base::Secret>> access_token();
  net::Task<base::Result<base::Secret>> new_token();

  const Settings& settings_;
  net::Runtime& runtime_;
  const base::Clock& clock_;
  store::Store& store_;
  HttpsPost post_;
  OAuth oauth_;         // with the newest refresh token
  bool known_ = false;  // oauth_ has it
  base::Secret token_;
  bool fresh_ = true;  // token_ was fetched for this very login
  base::Time good_until_;
};

}  // namespace todoku::intake::mailbox
