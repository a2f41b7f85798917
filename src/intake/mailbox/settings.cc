#include "intake/mailbox/settings.h"

namespace todoku::intake::mailbox {

std::uint16_t port_of(const Settings& settings) {
  if (settings.port != 0) return settings.port;
  constexpr std::uint16_t kImaps = 993, kImap = 143, kPop3s = 995, kPop3 = 110;
  const bool immediate = settings.tls == Tls::immediate;
  if (settings.protocol == Protocol::imap) return immediate ? kImaps : kImap;
  return immediate ? kPop3s : kPop3;
}

std::string state_key(const Settings& settings) {
  if (settings.protocol == Protocol::pop3) return "pop3 " + settings.user + '@' + settings.server;
  return "imap " + settings.user + '@' + settings.server + '/' + settings.folder;
}

}  // namespace todoku::intake::mailbox
