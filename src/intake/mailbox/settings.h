// One [[mailbox]] of the operator's.
#pragma once
#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/secret.h"
#include "intake/mailbox/account.h"

namespace todoku::intake::mailbox {

/// How access tokens are come by; all empty: signing in by a password.
struct OAuth {
  std::string token_file;  // holds an access token that another program renews
  std::string token_url;   // https: an access token is asked for there by the refresh token
  std::string client_id;
  base::Secret client_secret;  // may be empty
  base::Secret refresh_token;
  std::string scope;  // may be empty
  [[nodiscard]] bool used() const { return !token_file.empty() || !token_url.empty(); }
};

struct Settings {
  std::string name;
  Protocol protocol = Protocol::imap;
  std::string server;
  std::uint16_t port = 0;  // 0: the protocol's own
  Tls tls = Tls::immediate;
  std::string ca_file;  // empty: the system's authorities
  std::string user;
  base::Secret password;
  std::string password_file;  // in the place of the password
  OAuth oauth;
  std::string folder = "INBOX";
  After after = After::keep;
  std::string move_to;
  base::Duration poll{60'000};
};

[[nodiscard]] std::uint16_t port_of(const Settings& settings);
/// What the state in the database is kept under: "imap user@server/folder".
[[nodiscard]] std::string state_key(const Settings& settings);

}  // namespace todoku::intake::mailbox
