// What an IMAP or POP3 server says: the machines take anything, in pieces, and keep their limits.
//
// The first byte chooses protocol and TLS, the second how the bytes are cut.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "intake/mailbox/imap_machine.h"
#include "intake/mailbox/pop3_machine.h"
#include "intake/mailbox/tokens.h"

namespace {

using namespace todoku::intake::mailbox;

constexpr Limits kLimits{.line = 2000, .mail = 1000, .pending = 1500, .most_mails = 50};
constexpr std::array<std::uint32_t, 3> kNumbers = {1, 2, 5};

Login login() { return {.user = "u", .password = todoku::base::Secret("p"), .access_token = {}}; }

void check(const std::vector<FetchedMail>& mails) {
  std::size_t all = 0;
  for (const FetchedMail& mail : mails) {
    all += mail.content.size();
    if (mail.content.size() > kLimits.mail + 4096) std::abort();
  }
  if (all > kLimits.pending + 3 * (kLimits.mail + 4096) + 4096) std::abort();
}

void begin(ImapMachine& machine, unsigned step) {
  switch (step % 5) {
    case 0:
      return machine.search(1);
    case 1:
      return machine.fetch(kNumbers);
    case 2:
      return machine.move(kNumbers, "a");
    case 3:
      return machine.remove(kNumbers);
    default:
      return machine.idle();
  }
}

void begin(Pop3Machine& machine, unsigned step) {
  if (machine.listed().size() > kLimits.most_mails) std::abort();
  if (step % 3 == 0) return machine.remove(kNumbers);
  if (step % 7 == 6) return machine.quit();
  machine.retrieve(kNumbers);
}

template <class Machine>
void run(Machine& machine, std::string_view bytes, std::size_t piece) {
  using Action = typename Machine::Action;
  for (unsigned step = 0; step < 10'000; ++step) {
    const Action action = machine.next();
    if (action == Action::write) {
      if (machine.output().find('\n') != machine.output().size() - 1 && machine.output().size() > 2000) std::abort();
      machine.written();
    } else if (action == Action::start_tls) {
      machine.tls_started();
    } else if (action == Action::hand_over) {
      check(machine.take_mails());
    } else if (action == Action::read) {
      if (bytes.empty()) return machine.failed({Trouble::Kind::lost, "end"});
      const std::size_t size = std::min(piece, bytes.size());
      machine.received(bytes.substr(0, size));
      bytes.remove_prefix(size);
    } else {
      check(machine.take_mails());
      if (!machine.usable()) return;
      begin(machine, step);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::size_t piece = data[1] % 4 == 0 ? bytes.size() + 1 : data[1];
  const Tls tls = static_cast<Tls>(data[0] / 2 % 3);
  if (data[0] % 2 == 0) {
    ImapMachine machine({.login = login(), .tls = tls, .changes = true, .limits = kLimits});
    run(machine, bytes, piece);
  } else {
    Pop3Machine machine({.login = login(), .tls = tls, .limits = kLimits});
    run(machine, bytes, piece);
  }
  (void)parse_token_answer(200, bytes);
  return 0;
}
