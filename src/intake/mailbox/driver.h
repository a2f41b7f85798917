// Drives a machine of a mail protocol over a stream, each step within its time limit. Internal to mailbox.
#pragma once
#include <array>
#include <string>

#include "base/clock.h"
#include "intake/mailbox/account.h"
#include "net/stream.h"
#include "net/task.h"
#include "net/tls.h"

namespace todoku::intake::mailbox {

inline constexpr base::Duration kStepLimit{60'000};        // for a server's next bytes
inline constexpr base::Duration kOperationLimit{900'000};  // for all of one operation, however slowly its bytes come

struct Line {
  net::Stream& stream;
  net::TlsClientContext& tls;
  net::TlsPeer peer;
};

[[nodiscard]] Trouble trouble_of(const net::Stream& stream, net::IoResult result);
[[nodiscard]] Trouble tls_trouble(const net::Stream& stream, const std::string& host);

/// Until the machine rests or hands over. False: nothing came within `limit`, which may be less than a step's; then
/// everything goes on where it stands.
template <class Machine>
net::Task<bool> drive(Machine& machine, Line& line, base::Duration limit = kStepLimit) {
  using Action = typename Machine::Action;
  std::array<char, 32UL * 1024> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): read into
  for (;;) {
    switch (machine.next()) {
      case Action::write: {
        const std::array<std::string_view, 1> pieces = {machine.output()};
        const auto sent = co_await line.stream.write(pieces, kStepLimit);
        if (sent) {
          machine.written();
        } else {
          machine.failed(trouble_of(line.stream, sent));
        }
        break;
      }
      case Action::read: {
        const auto got = co_await line.stream.read_some(buffer, limit);
        if (got) {
          machine.received({buffer.data(), got.bytes});
        } else if (got.status == net::IoStatus::timed_out && limit != kStepLimit) {
          co_return false;
        } else {
          machine.failed(trouble_of(line.stream, got));
        }
        break;
      }
      case Action::start_tls:
        if (co_await line.stream.start_tls(line.tls, line.peer, kStepLimit)) {
          machine.tls_started();
        } else {
          machine.failed(tls_trouble(line.stream, line.peer.name));
        }
        break;
      case Action::hand_over:
      case Action::rest:
        co_return true;
    }
  }
}

}  // namespace todoku::intake::mailbox
