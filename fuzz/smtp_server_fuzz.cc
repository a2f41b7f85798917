// A client's bytes cut into pieces anywhere give the same answers and mails as the whole (STARTTLS apart, where what is
// buffered behind it matters), and no content ends but by <CRLF>.<CRLF>.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "smtp/server_machine.h"

namespace {

using namespace todoku::smtp;

std::string play(std::string_view text, std::size_t piece) {
  ServerMachine machine({.hostname = "mx", .size_limit = 4096, .offer_auth = true, .auth_in_plain = true}, "192.0.2.1");
  std::string seen, mails;  // apart: how many replies are written together depends on the pieces
  for (;;) {
    switch (machine.next()) {
      case ServerMachine::Action::write:
        seen += machine.output();
        machine.written();
        break;
      case ServerMachine::Action::decide:
        if (machine.question() == ServerMachine::Question::message) {
          if (machine.visit().recipients.empty() || machine.visit().content.size() > 4096) std::abort();
          mails += "<" + machine.visit().content + ">";
        }
        machine.answer(machine.address() == "no" ? Answer{550, "no"} : Answer{});
        break;
      case ServerMachine::Action::read:
        if (text.empty()) return seen + mails;
        machine.received(text.substr(0, piece));
        text.remove_prefix(std::min(piece, text.size()));
        break;
      case ServerMachine::Action::start_tls:
        std::abort();  // not offered
      case ServerMachine::Action::close:
        return seen;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 8000) return 0;  // above the limits, when the session is ended depends on the pieces
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (play(text, 1 + data[0]) != play(text, text.size() + 1)) std::abort();
  return 0;
}
