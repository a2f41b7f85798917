#include "smtp/server_machine.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace todoku::smtp {
namespace {

using Action = ServerMachine::Action;
using Question = ServerMachine::Question;

// Says yes to everything but recipients named "no", and notes the mails.
class Play {
 public:
  explicit Play(ServerOptions options = {.hostname = "mx"}) : machine(std::move(options), "192.0.2.1") { run(); }

  /// What the server says to these bytes.
  std::string says(std::string_view bytes) {
    output.clear();
    machine.received(bytes);
    run();
    return output;
  }

  void run() {
    for (;;) {
      last = machine.next();
      if (last == Action::decide) {
        machine.answer(decide());
      } else if (last == Action::write) {
        output += machine.output();
        ++writes;
        machine.written();
      } else {
        return;
      }
    }
  }

  Answer decide() {
    if (machine.question() == Question::rcpt && machine.address().starts_with("no@"))
      return {550, "5.1.1 no such user"};
    if (machine.question() == Question::auth && machine.credentials().password.reveal() != "pass") return {535, "no"};
    if (machine.question() == Question::message) mails.push_back(machine.visit().content);
    return {};
  }

  ServerMachine machine;
  std::vector<std::string> mails;
  std::string output;
  Action last = Action::read;
  int writes = 0;
};

constexpr std::string_view kEnvelope = "MAIL FROM:<s@x>\r\nRCPT TO:<a@y>\r\nDATA\r\n";
constexpr std::string_view kTaken = "250 2.0.0 OK\r\n250 2.0.0 OK\r\n354 end with <CRLF>.<CRLF>\r\n";

TEST(ServerMachine, TakesAMail) {
  Play play;
  EXPECT_EQ(play.output, "220 mx ESMTP Todoku\r\n");
  EXPECT_EQ(
      play.says("EHLO me\r\n"),
      "250-mx\r\n250-SIZE 52428800\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250-PIPELINING\r\n250 SMTPUTF8\r\n");
  EXPECT_EQ(play.says(kEnvelope), kTaken);
  EXPECT_EQ(play.says("hello\r\n..\r\n.\r\n"), "250 2.0.0 OK\r\n");
  EXPECT_EQ(play.mails, std::vector<std::string>{"hello\r\n.\r\n"});
  EXPECT_EQ(play.says("QUIT\r\n"), "221 2.0.0 bye\r\n");
  EXPECT_EQ(play.last, Action::close);
}

TEST(ServerMachine, AnswersPipelinedCommandsInOneWrite) {
  Play play;
  play.says("EHLO me\r\n");
  play.writes = 0;
  EXPECT_EQ(play.says(kEnvelope), kTaken);
  EXPECT_EQ(play.writes, 1);
  EXPECT_EQ(play.says("x\r\n.\r\n" + std::string(kEnvelope)), "250 2.0.0 OK\r\n" + std::string(kTaken));
  EXPECT_EQ(play.writes, 2);
}

TEST(ServerMachine, ByteByByteIsTheSame) {
  Play whole, bytes;
  std::string script = "EHLO me\r\n" + std::string(kEnvelope) + "x\r\n..y\r\n.\r\nNOOP\r\nQUIT\r\n";
  auto expected = whole.says(script);
  std::string got;
  for (char c : script) got += bytes.says({&c, 1});
  EXPECT_EQ(got, expected);
  EXPECT_EQ(bytes.mails, whole.mails);
}

TEST(ServerMachine, OrderIsKept) {
  Play play;
  EXPECT_EQ(play.says("MAIL FROM:<a@b>\r\n"), "503 5.5.1 say EHLO first\r\n");
  play.says("HELO me\r\n");
  EXPECT_EQ(play.says("RCPT TO:<a@b>\r\n"), "503 5.5.1 MAIL first\r\n");
  EXPECT_EQ(play.says("DATA\r\n"), "503 5.5.1 MAIL first\r\n");
  EXPECT_EQ(play.says("MAIL FROM:<a@b>\r\nMAIL FROM:<a@b>\r\n"), "250 2.0.0 OK\r\n503 5.5.1 one mail at a time\r\n");
  EXPECT_EQ(play.says("RCPT TO:<no@b>\r\nDATA\r\n"), "550 5.1.1 no such user\r\n554 5.5.1 no valid recipients\r\n");
  EXPECT_EQ(play.says("RSET\r\nDATA\r\n"), "250 2.0.0 OK\r\n503 5.5.1 MAIL first\r\n");
}

TEST(ServerMachine, SmugglingEndsNothing) {
  Play play;
  play.says("EHLO me\r\n");
  play.says(kEnvelope);
  EXPECT_EQ(play.says("x\n.\nMAIL FROM:<evil@x>\r\n.\r\n"), "550 5.6.11 lines end in CR LF\r\n");
  EXPECT_TRUE(play.mails.empty());
  EXPECT_EQ(play.says("NOOP\n"), "500 5.5.2 lines end in CR LF\r\n");
  EXPECT_EQ(play.says("NO\rOP\r\n"), "500 5.5.2 lines end in CR LF\r\n");
}

TEST(ServerMachine, SizeIsHeld) {
  Play play({.hostname = "mx", .size_limit = 10});
  play.says("EHLO me\r\n");
  EXPECT_EQ(play.says("MAIL FROM:<a@b> SIZE=11\r\n"), "552 5.3.4 message size exceeds the limit\r\n");
  play.says(kEnvelope);
  EXPECT_EQ(play.says("0123456789\r\n.\r\n"), "552 5.3.4 message size exceeds the limit\r\n");
  play.says(kEnvelope);
  EXPECT_EQ(play.says("01234567\r\n.\r\n"), "250 2.0.0 OK\r\n");
  play.says(kEnvelope);
  EXPECT_EQ(play.says(std::string(100'000, 'x')), "552 5.3.4 message too big\r\n");
  EXPECT_EQ(play.last, Action::close);
}

TEST(ServerMachine, FloodsAreEnded) {
  Play lines;
  EXPECT_EQ(lines.says(std::string(1 << 20, 'x')), "");
  EXPECT_EQ(lines.says("\r\n"), "500 5.5.6 line too long\r\n");
  Play errors;
  std::string text;
  for (int i = 0; i < 30; ++i) text += "X\r\n";
  EXPECT_TRUE(errors.says(text).ends_with("421 4.7.0 too many errors\r\n"));
  EXPECT_EQ(errors.last, Action::close);
  Play commands;
  text.clear();
  for (int i = 0; i < 1001; ++i) text += i % 2 ? "EHLO x\r\n" : "RSET\r\n";
  EXPECT_TRUE(commands.says(text).ends_with("421 4.7.0 too many commands\r\n"));
  Play recipients({.hostname = "mx", .recipients_limit = 1});
  recipients.says("EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<a@b>\r\n");
  EXPECT_EQ(recipients.says("RCPT TO:<b@b>\r\n"), "452 4.5.3 too many recipients\r\n");
}

TEST(ServerMachine, NothingFromBeforeTlsCounts) {
  Play play({.hostname = "mx", .offer_starttls = true});
  play.says("EHLO me\r\n");
  EXPECT_EQ(play.says("STARTTLS\r\n"), "220 2.0.0 go ahead\r\n");
  EXPECT_EQ(play.last, Action::start_tls);
  play.machine.tls_started();
  EXPECT_EQ(play.says("MAIL FROM:<a@b>\r\n"), "503 5.5.1 say EHLO first\r\n");
  EXPECT_EQ(play.says("EHLO me\r\n").find("STARTTLS"), std::string::npos);

  Play injected({.hostname = "mx", .offer_starttls = true});
  injected.says("EHLO me\r\n");
  EXPECT_EQ(injected.says("STARTTLS\r\nMAIL FROM:<evil@x>\r\n"), "554 5.5.1 text behind STARTTLS\r\n");
  EXPECT_EQ(injected.last, Action::close);
}

TEST(ServerMachine, SignsInByPlainAndLogin) {
  ServerOptions options{.hostname = "mx", .offer_auth = true, .auth_in_plain = true, .auth_required = true};
  Play plain(options);
  plain.says("EHLO me\r\n");
  EXPECT_EQ(plain.says("MAIL FROM:<a@b>\r\n"), "530 5.7.0 sign in first\r\n");
  EXPECT_EQ(plain.says("AUTH PLAIN !\r\n"), "501 5.5.2 not a PLAIN response\r\n");
  EXPECT_EQ(plain.says("AUTH PLAIN AHVzZXIAcGFzcw==\r\n"), "235 2.7.0 welcome\r\n");
  EXPECT_EQ(plain.machine.visit().user, "user");
  EXPECT_EQ(plain.says("MAIL FROM:<a@b>\r\n"), "250 2.0.0 OK\r\n");
  Play login(options);
  login.says("EHLO me\r\n");
  EXPECT_EQ(login.says("AUTH LOGIN\r\n"), "334 VXNlcm5hbWU6\r\n");
  EXPECT_EQ(login.says("dXNlcg==\r\n"), "334 UGFzc3dvcmQ6\r\n");
  EXPECT_EQ(login.says("d3Jvbmc=\r\n"), "535 no\r\n");
  EXPECT_EQ(login.machine.visit().user, "");
  options.auth_in_plain = false;
  Play secure(options);
  EXPECT_EQ(secure.says("EHLO me\r\n").find("AUTH"), std::string::npos);
  EXPECT_EQ(secure.says("AUTH PLAIN AHVzZXIAcGFzcw==\r\n"), "538 5.7.11 start TLS first\r\n");
}

TEST(ServerMachine, AnswersMayHaveSeveralLines) {
  Play play;
  ServerMachine machine({.hostname = "mx"}, "192.0.2.1");
  ASSERT_EQ(machine.next(), Action::decide);
  machine.answer({554, "5.7.1 go\naway"});
  ASSERT_EQ(machine.next(), Action::write);
  EXPECT_EQ(machine.output(), "554-5.7.1 go\r\n554 away\r\n");
  machine.written();
  EXPECT_EQ(machine.next(), Action::close);
}

}  // namespace
}  // namespace todoku::smtp
