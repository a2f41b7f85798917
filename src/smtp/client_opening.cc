// ClientMachine's way from the greeting to a session that mails can be sent on.
#include "base/ascii.h"
#include "smtp/client_machine.h"

namespace todoku::smtp {

// False: the session is open already, the reply belongs to something else.
bool ClientMachine::on_opening_reply(const Reply& reply, bool more_bytes) {
  auto refuse = [&] {
    refused(reply);
    phase_ = Phase::over;
  };
  switch (phase_) {
    case Phase::greeting:
      if (reply.code / 100 != 2) return refuse(), true;
      return say(Phase::ehlo, "EHLO " + options_.helo), true;
    case Phase::ehlo:
      if (reply.code / 100 == 2) return on_hello(reply), true;
      if (!reply.permanent()) return refuse(), true;
      return say(Phase::helo, "HELO " + options_.helo), true;
    case Phase::helo:
      if (reply.code / 100 == 2) return on_hello(Reply{reply.code, {}, {}}), true;
      return refuse(), true;
    case Phase::starttls:
      if (more_bytes) return give_up(Cause::protocol_error, "text after the reply to STARTTLS, before TLS"), true;
      if (reply.code == 220) return phase_ = Phase::tls, true;
      if (options_.tls == TlsMode::required || reply.code == 421) return refuse(), true;
      return authenticate(), true;
    case Phase::auth_login:
      if (reply.code != 334) return refuse(), true;
      return say(Phase::auth_user, base64(options_.credentials.user)), true;
    case Phase::auth_user:
      if (reply.code != 334) return refuse(), true;
      return say(Phase::auth_password, base64(options_.credentials.password.reveal())), true;
    case Phase::auth_plain:
    case Phase::auth_password:
      if (reply.code / 100 != 2) return refuse(), true;
      return phase_ = Phase::ready, true;
    default:
      return false;
  }
}

void ClientMachine::on_hello(const Reply& reply) {
  capabilities_ = Capabilities::parse(reply);
  if (secure_ || options_.tls == TlsMode::off) return authenticate();
  if (capabilities_.starttls) return say(Phase::starttls, "STARTTLS");
  if (options_.tls == TlsMode::required) return give_up(Cause::tls_missing, {});
  authenticate();
}

void ClientMachine::tls_started() {
  secure_ = true;
  // What was said before TLS counts for nothing (RFC 3207 section 4.2).
  capabilities_ = {};
  if (options_.tls == TlsMode::immediate) {
    phase_ = Phase::greeting;
    return;
  }
  say(Phase::ehlo, "EHLO " + options_.helo);
}

void ClientMachine::authenticate() {
  if (options_.credentials.user.empty()) {
    phase_ = Phase::ready;
    return;
  }
  phase_ = Phase::auth_plain;  // the stage of what fails from here on
  if (!secure_ && !options_.auth_in_plain) return give_up(Cause::tls_missing, "a password is sent over TLS only");
  if (capabilities_.auth_plain) return say(Phase::auth_plain, "AUTH PLAIN " + plain_response(options_.credentials));
  if (capabilities_.auth_login) return say(Phase::auth_login, "AUTH LOGIN");
  give_up(Cause::auth_missing, {});
}

}  // namespace todoku::smtp
