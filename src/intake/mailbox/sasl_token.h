// The SASL mechanisms that take an OAuth 2 access token: XOAUTH2 of Google and Microsoft, OAUTHBEARER of RFC 7628.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "intake/mailbox/account.h"

namespace todoku::intake::mailbox {

struct TokenSignIn {
  std::string_view mechanism;
  std::string response;            // the initial one, base64
  std::string_view on_error = "";  // the answer to the server's account of an error, base64
};

/// By the first of the mechanisms that the server offers; nothing where it offers none.
[[nodiscard]] std::optional<TokenSignIn> token_sign_in(const Login& login,
                                                       const std::function<bool(std::string_view)>& offers);

}  // namespace todoku::intake::mailbox
