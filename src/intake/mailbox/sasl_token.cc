#include "intake/mailbox/sasl_token.h"

#include "smtp/sasl.h"

namespace todoku::intake::mailbox {

std::string xoauth2_response(const Login& login) {
  return smtp::base64("user=" + login.user + "\x01" + "auth=Bearer " + std::string(login.access_token.reveal()) +
                      "\x01\x01");
}

}  // namespace todoku::intake::mailbox
