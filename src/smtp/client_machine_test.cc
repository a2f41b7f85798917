#include "smtp/client_machine.h"

#include <gmock/gmock.h>

#include "smtp/test_play.h"

namespace todoku::smtp {
namespace {

using Action = ClientMachine::Action;
using Kind = SendOutcome::Kind;

TEST(ClientMachine, SendsAMailInOneWriteOfCommandsAndOneOfContent) {
  Play play;
  play.open();
  OneMail mail;
  play.machine.send(mail.envelope);
  EXPECT_EQ(play.sent(), kCommands);
  play.hears(kGoAhead);
  EXPECT_EQ(play.sent(), "Subject: x\r\n\r\nhello\r\n.\r\n");
  EXPECT_EQ(play.machine.stage(), Stage::eod);
  play.hears("250 2.0.0 queued as 1\r\n");
  auto outcome = play.machine.take_outcome();
  EXPECT_TRUE(outcome.accepted());
  EXPECT_EQ(outcome.text(), "250 2.0.0 queued as 1");
  EXPECT_TRUE(play.machine.usable());
  play.machine.quit();
  EXPECT_EQ(play.sent(), "QUIT\r\n");
  play.hears("221 bye\r\n");
  EXPECT_EQ(play.machine.next(), Action::rest);
}

TEST(ClientMachine, AnnouncesTheNextMailBehindTheContent) {
  Play play;
  play.open();
  OneMail first, second;
  second.to = "b@example.jp";
  play.machine.send(first.envelope, &second.envelope);
  play.sent();
  play.hears(kGoAhead);
  EXPECT_EQ(play.sent(),
            "Subject: x\r\n\r\nhello\r\n.\r\nMAIL FROM:<s@us.example> SIZE=21\r\n"
            "RCPT TO:<b@example.jp>\r\nDATA\r\n");
  play.hears("250 one\r\n250 ok\r\n250 ok\r\n354 go\r\n");
  EXPECT_EQ(play.machine.take_outcome().text(), "250 one");
  EXPECT_EQ(play.machine.next(), Action::rest);  // nothing of the second goes out before its send()
  play.machine.send(second.envelope);
  EXPECT_EQ(play.sent(), "Subject: x\r\n\r\nhello\r\n.\r\n");
  play.hears("250 two\r\n");
  EXPECT_EQ(play.machine.take_outcome().text(), "250 two");
}

TEST(ClientMachine, AnnouncedReplyMayComeLater) {
  Play play;
  play.open();
  OneMail mail;
  play.machine.send(mail.envelope, &mail.envelope);
  play.sent();
  play.hears(kGoAhead);
  play.sent();
  play.hears("250 one\r\n250 o");
  EXPECT_TRUE(play.machine.take_outcome().accepted());
  play.machine.send(mail.envelope);
  EXPECT_EQ(play.machine.next(), Action::read);
  play.hears("k\r\n550 5.1.1 no such user\r\n503 no recipients\r\n");
  auto outcome = play.machine.take_outcome();
  EXPECT_EQ(outcome.kind, Kind::refused);
  EXPECT_EQ(outcome.stage, Stage::rcpt);
  EXPECT_EQ(outcome.text(), "550 5.1.1 no such user");
}

TEST(ClientMachine, AnotherMailThanTheAnnouncedIsNotSent) {
  Play play;
  play.open();
  OneMail first, second;
  second.to = "b@example.jp";
  play.machine.send(first.envelope, &second.envelope);
  play.sent();
  play.hears(kGoAhead);
  play.sent();
  play.hears("250 one\r\n250 ok\r\n250 ok\r\n354 go\r\n");
  (void)play.machine.take_outcome();
  play.machine.send(first.envelope);
  EXPECT_EQ(play.sent(), "");
  EXPECT_EQ(play.machine.take_outcome().kind, Kind::not_sent);
  EXPECT_FALSE(play.machine.usable());
}

TEST(ClientMachine, AsksOneByOneWithoutPipelining) {
  Play play;
  play.open("250 mx.example\r\n");
  OneMail mail;
  play.machine.send(mail.envelope, &mail.envelope);
  EXPECT_EQ(play.sent(), "MAIL FROM:<s@us.example>\r\n");
  play.hears("250 ok\r\n");
  EXPECT_EQ(play.sent(), "RCPT TO:<a@example.jp>\r\n");
  play.hears("250 ok\r\n");
  EXPECT_EQ(play.sent(), "DATA\r\n");
  play.hears("354 go\r\n");
  EXPECT_EQ(play.sent(), "Subject: x\r\n\r\nhello\r\n.\r\n");
  play.hears("250 ok\r\n");
  EXPECT_TRUE(play.machine.take_outcome().accepted());
}

TEST(ClientMachine, ResetsBeforeTheMailThatFollowsARefusal) {
  Play play;
  play.open("250 mx.example\r\n");
  OneMail mail;
  play.machine.send(mail.envelope);
  play.sent();
  play.hears("250 ok\r\n");
  play.sent();
  play.hears("450 4.2.1 later\r\n");
  auto outcome = play.machine.take_outcome();
  EXPECT_EQ(outcome.kind, Kind::refused);
  EXPECT_EQ(outcome.stage, Stage::rcpt);
  EXPECT_TRUE(outcome.reply.transient());
  play.machine.send(mail.envelope);
  EXPECT_EQ(play.sent(), "RSET\r\n");
  play.hears("250 ok\r\n");
  EXPECT_EQ(play.sent(), "MAIL FROM:<s@us.example>\r\n");
}

TEST(ClientMachine, EndsAGoAheadThatCameForNobody) {
  Play play;
  play.open();
  OneMail mail;
  play.machine.send(mail.envelope);
  play.sent();
  play.hears("250 ok\r\n550 no\r\n354 go\r\n");
  EXPECT_EQ(play.sent(), ".\r\n");
  play.hears("554 no valid recipients\r\n");
  auto outcome = play.machine.take_outcome();
  EXPECT_EQ(outcome.stage, Stage::rcpt);
  EXPECT_EQ(outcome.text(), "550 no");
  EXPECT_TRUE(play.machine.usable());
}

TEST(ClientMachine, TellsWhichOfSeveralRecipientsWereRefused) {
  Play play;
  play.open();
  std::string_view to[] = {"a@example.jp", "b@example.jp", "c@example.jp"};
  OneMail mail;
  mail.envelope.recipients = to;
  play.machine.send(mail.envelope);
  play.sent();
  play.hears("250 ok\r\n250 ok\r\n550 5.1.1 no b\r\n250 ok\r\n354 go\r\n");
  play.sent();
  play.hears("250 ok\r\n");
  auto outcome = play.machine.take_outcome();
  EXPECT_TRUE(outcome.accepted());
  ASSERT_EQ(outcome.refused.size(), 1U);
  EXPECT_EQ(outcome.refused[0].index, 1U);
  EXPECT_EQ(outcome.refused[0].reply.text(), "5.1.1 no b");
}

// The same failure at every point: before the end of the content went out nothing was delivered, after it nobody knows.
TEST(ClientMachine, KnowsWhenALostConnectionLeavesDoubt) {
  auto lose = [](std::size_t after_written, bool all_written) {
    Play play;
    play.open();
    OneMail mail;
    play.machine.send(mail.envelope, &mail.envelope);
    play.sent();
    play.hears(kGoAhead);
    if (all_written) play.sent();
    play.machine.failed(Cause::closed, "gone", after_written);
    EXPECT_FALSE(play.machine.usable());
    return play.machine.take_outcome();
  };
  EXPECT_EQ(lose(0, false).kind, Kind::lost);
  EXPECT_EQ(lose(23, false).kind, Kind::lost);      // "….\r" went out
  EXPECT_EQ(lose(24, false).kind, Kind::in_doubt);  // the final line end, too
  EXPECT_EQ(lose(0, true).kind, Kind::in_doubt);
  EXPECT_EQ(lose(0, true).stage, Stage::eod);
}

TEST(ClientMachine, RefusesLocallyWhatTheServerCannotTake) {
  Play play;
  play.open();
  auto refusal = [&](Envelope envelope) {
    play.machine.send(envelope);
    EXPECT_EQ(play.machine.next(), Action::rest);
    auto outcome = play.machine.take_outcome();
    EXPECT_EQ(outcome.kind, Kind::not_sent);
    EXPECT_TRUE(play.machine.usable());
    if (outcome.cause == Cause::too_big) {
      EXPECT_EQ(outcome.text(), "message size exceeds the server's limit: 1001 bytes; at most 1000 are taken (SIZE)");
    }
    return outcome.cause;
  };
  OneMail mail;
  std::string big(1001, 'x');
  auto e = mail.envelope;
  e.content = big;
  EXPECT_EQ(refusal(e), Cause::too_big);
  e = mail.envelope;
  e.content = "a\nb\r\n";
  EXPECT_EQ(refusal(e), Cause::bare_line_end);
  std::string_view utf8 = "日本@example.jp";
  e = mail.envelope;
  e.recipients = {&utf8, 1};
  EXPECT_EQ(refusal(e), Cause::no_smtputf8);
  std::string_view injected = "a@example.jp>\r\nRCPT TO:<b@example.jp";
  e.recipients = {&injected, 1};
  EXPECT_EQ(refusal(e), Cause::bad_address);
  Play old;
  old.open("250 mx.example\r\n");
  e = mail.envelope;
  e.content = "caf\xc3\xa9\r\n";
  old.machine.send(e);
  EXPECT_EQ(old.machine.take_outcome().cause, Cause::no_eight_bit);
}

TEST(ClientMachine, DeclaresEightBitAndSmtputf8) {
  Play play;
  play.open("250-mx\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n");
  std::string_view to = "日本@example.jp";
  Envelope e{.sender = "", .recipients = {&to, 1}, .content = "\xe6\x97\xa5\r\n"};
  play.machine.send(e);
  EXPECT_EQ(play.sent(), "MAIL FROM:<> BODY=8BITMIME SMTPUTF8\r\nRCPT TO:<日本@example.jp>\r\nDATA\r\n");
}

TEST(ClientMachine, AsksACommandOfTheCallersBetweenMails) {
  Play play;
  play.open();
  play.machine.ask("VRFY somebody");
  EXPECT_EQ(play.sent(), "VRFY somebody\r\n");
  EXPECT_FALSE(play.machine.usable());
  play.hears("252 2.1.5 perhaps\r\n");
  EXPECT_EQ(play.machine.answer().code, 252);
  EXPECT_EQ(play.machine.answer().text(), "2.1.5 perhaps");
  OneMail mail;
  play.machine.send(mail.envelope);
  EXPECT_EQ(play.sent(), kCommands);
}

TEST(ClientMachine, AnAnswerThatEndsTheSessionIsItsFailure) {
  Play play;
  play.open();
  play.machine.ask("NOOP");
  play.sent();
  play.hears("421 4.3.2 going down\r\n");
  EXPECT_FALSE(play.machine.usable());
  ASSERT_NE(play.machine.failure(), nullptr);
  EXPECT_EQ(play.machine.failure()->reply.code, 421);
}

TEST(ClientMachine, ShowsWhoWatchesNeitherPasswordNorMailNorToken) {
  Play play({.helo = "h", .tls = TlsMode::off, .credentials = {"user", base::Secret("pass")}, .auth_in_plain = true});
  play.hears("220 hi\r\n");
  EXPECT_EQ(play.machine.shown_output(), "EHLO h\r\n");
  play.sent();
  play.hears("250-mx\r\n250-PIPELINING\r\n250 AUTH PLAIN\r\n");
  EXPECT_EQ(play.machine.shown_output(), "AUTH PLAIN ***\r\n");
  play.sent();
  play.hears("235 ok\r\n");
  OneMail first, second;
  first.envelope.sender = second.envelope.sender = "bounces+secret@us.example";
  play.machine.send(first.envelope, &second.envelope);
  const std::string envelope = "MAIL FROM:<bounces+***@us.example>\r\nRCPT TO:<a@example.jp>\r\nDATA\r\n";
  EXPECT_EQ(play.machine.shown_output(), envelope);
  play.sent();
  play.hears(kGoAhead);
  EXPECT_EQ(play.machine.shown_output(), "(the mail, 24 bytes)\r\n" + envelope);
}

TEST(ClientMachine, FallsBackToHelo) {
  Play play;
  play.hears("220 old\r\n");
  play.sent();
  play.hears("500 what\r\n");
  EXPECT_EQ(play.sent(), "HELO us.example\r\n");
  play.hears("250 hi\r\n");
  EXPECT_TRUE(play.machine.usable());
  EXPECT_FALSE(play.machine.capabilities().pipelining);
}

TEST(ClientMachine, OpensOverTlsAndForgetsWhatCameBefore) {
  Play play({.helo = "us.example", .tls = TlsMode::required, .credentials = {"u", base::Secret("p")}});
  play.hears("220 mx\r\n");
  play.sent();
  play.hears("250-mx\r\n250-SMTPUTF8\r\n250 STARTTLS\r\n");
  EXPECT_EQ(play.sent(), "STARTTLS\r\n");
  play.hears("220 go\r\n");
  EXPECT_EQ(play.machine.next(), Action::start_tls);
  play.machine.tls_started();
  EXPECT_EQ(play.sent(), "EHLO us.example\r\n");
  play.hears("250-mx\r\n250 AUTH LOGIN PLAIN\r\n");
  EXPECT_EQ(play.sent(), "AUTH PLAIN AHUAcA==\r\n");
  play.hears("235 ok\r\n");
  EXPECT_TRUE(play.machine.usable());
  EXPECT_FALSE(play.machine.capabilities().smtputf8);
}

TEST(ClientMachine, SpeaksTlsBeforeTheGreetingWhereAskedTo) {
  Play play({.helo = "us.example", .tls = TlsMode::immediate, .credentials = {"u", base::Secret("p")}});
  EXPECT_EQ(play.machine.next(), Action::start_tls);
  play.machine.tls_started();
  EXPECT_EQ(play.machine.next(), Action::read);
  EXPECT_EQ(play.machine.stage(), Stage::connect);
  play.hears("220 mx\r\n");
  EXPECT_EQ(play.sent(), "EHLO us.example\r\n");
  play.hears("250-mx\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n");
  EXPECT_EQ(play.sent(), "AUTH PLAIN AHUAcA==\r\n");
  play.hears("235 ok\r\n");
  EXPECT_TRUE(play.machine.usable());

  Play broken({.helo = "us.example", .tls = TlsMode::immediate});
  broken.machine.failed(Cause::tls_failed, "handshake");
  ASSERT_TRUE(broken.machine.failure());
  EXPECT_EQ(broken.machine.failure()->stage, Stage::starttls);
}

TEST(ClientMachine, SignsInByLogin) {
  Play play({.helo = "h", .tls = TlsMode::off, .credentials = {"user", base::Secret("pass")}, .auth_in_plain = true});
  play.hears("220 mx\r\n");
  play.sent();
  play.hears("250-mx\r\n250 AUTH=LOGIN\r\n");
  EXPECT_EQ(play.sent(), "AUTH LOGIN\r\n");
  play.hears("334 VXNlcm5hbWU6\r\n");
  EXPECT_EQ(play.sent(), "dXNlcg==\r\n");
  play.hears("334 UGFzc3dvcmQ6\r\n");
  EXPECT_EQ(play.sent(), "cGFzcw==\r\n");
  play.hears("535 5.7.8 no\r\n");
  ASSERT_TRUE(play.machine.failure());
  EXPECT_EQ(play.machine.failure()->stage, Stage::auth);
  EXPECT_EQ(play.machine.failure()->text(), "535 5.7.8 no");
}

TEST(ClientMachine, RefusesPlaintextBehindStarttls) {
  Play play({.helo = "h", .tls = TlsMode::opportunistic});
  play.hears("220 mx\r\n");
  play.sent();
  play.hears("250-mx\r\n250 STARTTLS\r\n");
  play.sent();
  play.hears("220 go\r\n250-injected\r\n");
  ASSERT_TRUE(play.machine.failure());
  EXPECT_EQ(play.machine.failure()->cause, Cause::protocol_error);
}

TEST(ClientMachine, TlsAndPasswordsAreNotGivenUp) {
  auto open = [](ClientOptions options) {
    Play play(std::move(options));
    play.hears("220 mx\r\n");
    play.sent();
    play.hears("250-mx\r\n250 AUTH PLAIN\r\n");
    EXPECT_EQ(play.sent(), "");
    return play.machine.failure() ? play.machine.failure()->cause : Cause::none;
  };
  EXPECT_EQ(open({.helo = "h", .tls = TlsMode::required}), Cause::tls_missing);
  EXPECT_EQ(open({.helo = "h", .tls = TlsMode::opportunistic, .credentials = {"u", base::Secret("p")}}),
            Cause::tls_missing);
}

TEST(ClientMachine, ALastWordEndsTheSession) {
  Play play;
  play.open();
  play.hears("421 4.4.2 idle too long\r\n");
  EXPECT_FALSE(play.machine.usable());
  ASSERT_TRUE(play.machine.failure());
  EXPECT_EQ(play.machine.failure()->reply.code, 421);

  Play sending;
  sending.open();
  OneMail mail;
  sending.machine.send(mail.envelope);
  sending.sent();
  sending.hears("421 4.7.0 too many\r\n");
  EXPECT_EQ(sending.machine.next(), Action::rest);
  auto outcome = sending.machine.take_outcome();
  EXPECT_EQ(outcome.kind, Kind::refused);
  EXPECT_EQ(outcome.stage, Stage::mail);
  EXPECT_FALSE(sending.machine.usable());
}

TEST(ClientMachine, GarbageIsAProtocolErrorAtEveryStage) {
  for (auto garbage : {std::string_view("HTTP/1.1 400 Bad Request\r\n"), std::string_view("999 x\r\n"),
                       std::string_view("\0\1\2\3\r\n", 6)}) {
    Play greeting;
    greeting.hears(garbage);
    ASSERT_TRUE(greeting.machine.failure());
    EXPECT_EQ(greeting.machine.failure()->cause, Cause::protocol_error);
    Play play;
    play.open();
    OneMail mail;
    play.machine.send(mail.envelope);
    play.sent();
    play.hears(garbage);
    auto outcome = play.machine.take_outcome();
    EXPECT_EQ(outcome.kind, Kind::lost);
    EXPECT_EQ(outcome.cause, Cause::protocol_error);
  }
}

}  // namespace
}  // namespace todoku::smtp
