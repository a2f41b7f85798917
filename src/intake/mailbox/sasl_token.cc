#include "intake/mailbox/sasl_token.h"

#include "smtp/sasl.h"

namespace todoku::intake::mailbox {
namespace {

constexpr std::string_view kXoauth2 = "XOAUTH2", kOauthBearer = "OAUTHBEARER";

std::string bearer(const Login& login) {
  return "auth=Bearer " + std::string(login.access_token.reveal()) + "\x01\x01";
}

/// RFC 5801 section 4: "," and "=" are what the header is made of.
std::string saslname(std::string_view user) {
  std::string out;
  for (const char c : user) {
    if (c == ',') {
      out += "=2C";
    } else if (c == '=') {
      out += "=3D";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::optional<TokenSignIn> token_sign_in(const Login& login, const std::function<bool(std::string_view)>& offers) {
  if (offers(kXoauth2)) {
    return TokenSignIn{.mechanism = kXoauth2, .response = smtp::base64("user=" + login.user + "\x01" + bearer(login))};
  }
  if (offers(kOauthBearer)) {
    // RFC 7628 section 3.2.3: an error is answered with a single \x01.
    return TokenSignIn{.mechanism = kOauthBearer,
                       .response = smtp::base64("n,a=" + saslname(login.user) + ",\x01" + bearer(login)),
                       .on_error = "AQ=="};
  }
  return std::nullopt;
}

}  // namespace todoku::intake::mailbox
