// For the tests of the client's machine: a session that is played from a script, and a mail to send over it.
#pragma once
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "smtp/client_machine.h"

namespace todoku::smtp {

/// Plays a session: what the machine writes is collected, and answered by script.
class Play {
 public:
  explicit Play(ClientOptions options = {.helo = "us.example", .tls = TlsMode::off}) : machine(std::move(options)) {}

  /// What the machine sends before it reads or rests.
  std::string sent() {
    std::string text;
    while (machine.next() == ClientMachine::Action::write) {
      for (auto piece : machine.output()) text += piece;
      machine.written();
    }
    return text;
  }
  void hears(std::string_view bytes) { machine.received(bytes); }

  void open(std::string_view offers = "250-mx.example\r\n250-SIZE 1000\r\n250-8BITMIME\r\n250 PIPELINING\r\n") {
    hears("220 mx.example ESMTP\r\n");
    EXPECT_EQ(sent(), "EHLO us.example\r\n");
    hears(offers);
    EXPECT_TRUE(machine.usable());
  }

  ClientMachine machine;
};

/// To one reader.
struct OneMail {
  std::string_view to = "a@example.jp";
  Envelope envelope{.sender = "s@us.example", .recipients = {&to, 1}, .content = "Subject: x\r\n\r\nhello\r\n"};
};

inline constexpr std::string_view kCommands = "MAIL FROM:<s@us.example> SIZE=21\r\nRCPT TO:<a@example.jp>\r\nDATA\r\n";
inline constexpr std::string_view kGoAhead = "250 ok\r\n250 ok\r\n354 go\r\n";

}  // namespace todoku::smtp
