// XOAUTH2, the SASL mechanism of Google and Microsoft for OAuth 2 access tokens.
#pragma once
#include <string>

#include "intake/mailbox/account.h"

namespace todoku::intake::mailbox {

/// The initial response, base64.
[[nodiscard]] std::string xoauth2_response(const Login& login);

}  // namespace todoku::intake::mailbox
