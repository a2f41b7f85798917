// Mails that go out in one chunk (RFC 3030).
#include <gmock/gmock.h>

#include "smtp/client_machine.h"
#include "smtp/test_play.h"

namespace todoku::smtp {
namespace {

using Action = ClientMachine::Action;
using Kind = SendOutcome::Kind;

constexpr std::string_view kChunking = "250-mx.example\r\n250-SIZE 1000\r\n250-PIPELINING\r\n250 CHUNKING\r\n";
constexpr std::string_view kChunk =
    "MAIL FROM:<s@us.example> SIZE=21\r\nRCPT TO:<a@example.jp>\r\nBDAT 21 LAST\r\nSubject: x\r\n\r\nhello\r\n";

TEST(ClientMachineChunk, SendsAFirstMailInOneWriteWhereTheServerTakesChunks) {
  Play play;
  play.open(kChunking);
  OneMail mail;
  play.machine.send(mail.envelope);
  EXPECT_EQ(play.sent(), kChunk);
  EXPECT_EQ(play.machine.stage(), Stage::mail);
  play.hears("250 ok\r\n250 o");
  play.hears("k\r\n");
  EXPECT_EQ(play.machine.stage(), Stage::eod);
  play.hears("250 queued as 1\r\n");
  EXPECT_EQ(play.machine.take_outcome().text(), "250 queued as 1");
  EXPECT_TRUE(play.machine.usable());
  play.machine.send(mail.envelope);
  EXPECT_EQ(play.sent(), kChunk) << "nor was the second one announced";
}

TEST(ClientMachineChunk, AChunkIsNotStuffedAndEndsInALineEnd) {
  Play play;
  play.open(kChunking);
  OneMail mail;
  mail.envelope.content = "a: b\r\n\r\n.hidden";
  play.machine.send(mail.envelope);
  EXPECT_THAT(play.sent(), testing::EndsWith("\r\nBDAT 17 LAST\r\na: b\r\n\r\n.hidden\r\n"));
}

TEST(ClientMachineChunk, AnnouncesTheNextMailBehindAChunkWithAReset) {
  for (const bool accepted : {true, false}) {
    Play play;
    play.open(kChunking);
    OneMail first, second;
    second.to = "b@example.jp";
    play.machine.send(first.envelope, &second.envelope);
    EXPECT_EQ(play.sent(),
              std::string(kChunk) + "RSET\r\nMAIL FROM:<s@us.example> SIZE=21\r\nRCPT TO:<b@example.jp>\r\nDATA\r\n");
    play.hears(accepted ? "250 ok\r\n250 ok\r\n250 one\r\n" : "250 ok\r\n550 no a\r\n554 no valid recipients\r\n");
    EXPECT_EQ(play.machine.take_outcome().text(), accepted ? "250 one" : "550 no a");
    play.hears("250 reset\r\n250 ok\r\n250 ok\r\n354 go\r\n");
    play.machine.send(second.envelope);
    EXPECT_EQ(play.sent(), "Subject: x\r\n\r\nhello\r\n.\r\n");
    play.hears("250 two\r\n");
    EXPECT_EQ(play.machine.take_outcome().text(), "250 two");
  }
}

TEST(ClientMachineChunk, OfAChunkTheFirstRefusalCounts) {
  struct {
    std::string_view replies;
    Stage stage;
    std::string_view text;
  } cases[] = {
      {"550 5.7.1 not you\r\n503 no MAIL\r\n503 no MAIL\r\n", Stage::mail, "550 5.7.1 not you"},
      {"451 later\r\n503 no MAIL\r\n250 taken for nobody\r\n", Stage::mail, "451 later"},
      {"250 ok\r\n550 5.1.1 no such user\r\n554 no valid recipients\r\n", Stage::rcpt, "550 5.1.1 no such user"},
      {"250 ok\r\n450 greylisted\r\n503 no RCPT\r\n", Stage::rcpt, "450 greylisted"},
      {"250 ok\r\n250 ok\r\n554 5.7.1 spam\r\n", Stage::eod, "554 5.7.1 spam"},
      {"250 ok\r\n250 ok\r\n452 4.3.1 full\r\n", Stage::eod, "452 4.3.1 full"},
  };
  for (const auto& one : cases) {
    Play play;
    play.open(kChunking);
    OneMail mail;
    play.machine.send(mail.envelope);
    play.sent();
    play.hears(one.replies);
    auto outcome = play.machine.take_outcome();
    EXPECT_EQ(outcome.kind, Kind::refused) << one.text;
    EXPECT_EQ(outcome.stage, one.stage) << one.text;
    EXPECT_EQ(outcome.text(), one.text);
    ASSERT_TRUE(play.machine.usable());
    play.machine.send(mail.envelope);
    EXPECT_EQ(play.sent(), "RSET\r\n" + std::string(kChunk));
    play.hears("250 ok\r\n250 ok\r\n250 ok\r\n250 taken\r\n");
    EXPECT_TRUE(play.machine.take_outcome().accepted());
  }
}

TEST(ClientMachineChunk, OfAChunksRecipientsTellsWhoWasRefused) {
  Play play;
  play.open(kChunking);
  std::string_view to[] = {"a@example.jp", "b@example.jp"};
  OneMail mail;
  mail.envelope.recipients = to;
  play.machine.send(mail.envelope);
  play.sent();
  play.hears("250 ok\r\n550 no a\r\n250 ok\r\n250 taken\r\n");
  auto outcome = play.machine.take_outcome();
  EXPECT_TRUE(outcome.accepted());
  ASSERT_EQ(outcome.refused.size(), 1U);
  EXPECT_EQ(outcome.refused[0].index, 0U);
}

TEST(ClientMachineChunk, UsesDataWhereAChunkIsNoGood) {
  const auto begins = [](std::string_view offers, std::size_t size, bool allowed = true) {
    Play play({.helo = "us.example", .tls = TlsMode::off, .chunking = allowed});
    play.open(offers);
    OneMail mail;
    const std::string content(size - 2, 'x');
    const std::string whole = content + "\r\n";
    mail.envelope.content = whole;
    play.machine.send(mail.envelope);
    return play.sent().find("BDAT") != std::string::npos;
  };
  constexpr std::string_view kBig = "250-mx\r\n250-PIPELINING\r\n250 CHUNKING\r\n";
  EXPECT_TRUE(begins(kBig, 65'536));
  EXPECT_FALSE(begins(kBig, 65'537)) << "too much to send for nothing";
  EXPECT_FALSE(begins("250-mx\r\n250 CHUNKING\r\n", 100)) << "a round trip is not spared";
  EXPECT_FALSE(begins("250-mx\r\n250 PIPELINING\r\n", 100));
  EXPECT_FALSE(begins(kBig, 100, false)) << "switched off";
}

// As with DATA, but that nothing is asked in the midst.
TEST(ClientMachineChunk, KnowsWhenALostConnectionLeavesAChunkInDoubt) {
  const auto lose = [](std::string_view heard, std::optional<std::size_t> written) {
    Play play;
    play.open(kChunking);
    OneMail mail;
    play.machine.send(mail.envelope, &mail.envelope);
    if (!written) play.sent();
    if (!heard.empty()) play.hears(heard);
    play.machine.failed(Cause::closed, "gone", written.value_or(0));
    EXPECT_FALSE(play.machine.usable());
    return play.machine.take_outcome();
  };
  EXPECT_EQ(lose("", 0).kind, Kind::lost);
  EXPECT_EQ(lose("", kChunk.size() - 1).kind, Kind::lost);
  EXPECT_EQ(lose("", kChunk.size()).kind, Kind::in_doubt);
  EXPECT_EQ(lose("", {}).kind, Kind::in_doubt);
  EXPECT_EQ(lose("250 ok\r\n250 ok\r\n", {}).kind, Kind::in_doubt);
  EXPECT_EQ(lose("250 ok\r\n250 ok\r\n", {}).stage, Stage::eod);
  EXPECT_EQ(lose("250 ok\r\n550 no\r\n", {}).kind, Kind::refused) << "it cannot have been taken";
  EXPECT_EQ(lose("554 5.7.1 no\r\n", {}).text(), "554 5.7.1 no");
  EXPECT_EQ(lose("250 ok\r\n550 no\r\n", 40).kind, Kind::refused) << "said before all of it was out";
}

TEST(ClientMachineChunk, AChunkRefusedBeforeAllOfItIsOutEndsTheSession) {
  Play play;
  play.open(kChunking);
  OneMail mail;
  play.machine.send(mail.envelope);
  play.hears("550 5.7.1 go away\r\n503 no\r\n503 no\r\n");
  EXPECT_EQ(play.machine.take_outcome().text(), "550 5.7.1 go away");
  EXPECT_FALSE(play.machine.usable());
  EXPECT_EQ(play.machine.next(), Action::rest);
}

TEST(ClientMachineChunk, ALastWordOrNonsenseInReplyToAChunkEndsTheSession) {
  Play play;
  play.open(kChunking);
  OneMail mail;
  play.machine.send(mail.envelope);
  play.sent();
  play.hears("250 ok\r\n421 4.7.0 too many\r\n");
  auto outcome = play.machine.take_outcome();
  EXPECT_EQ(outcome.kind, Kind::refused);
  EXPECT_EQ(outcome.stage, Stage::rcpt);
  EXPECT_FALSE(play.machine.usable());

  Play go;
  go.open(kChunking);
  go.machine.send(mail.envelope);
  go.sent();
  go.hears("250 ok\r\n250 ok\r\n354 go\r\n");
  EXPECT_EQ(go.machine.take_outcome().cause, Cause::protocol_error);
  EXPECT_FALSE(go.machine.usable());
}

TEST(ClientMachineChunk, ShowsWhoWatchesNothingOfAChunk) {
  Play play;
  play.open(kChunking);
  OneMail first;
  first.envelope.sender = "bounces+secret@us.example";
  first.envelope.content = "Subject: private\r\n\r\nMAIL FROM:<looks+like@a.command>\r\n";
  play.machine.send(first.envelope, &first.envelope);
  const std::string size = std::to_string(first.envelope.content.size());
  const std::string envelope = "MAIL FROM:<bounces+***@us.example> SIZE=" + size + "\r\nRCPT TO:<a@example.jp>\r\n";
  EXPECT_EQ(play.machine.shown_output(),
            envelope + "BDAT " + size + " LAST\r\n(the mail, " + size + " bytes)\r\nRSET\r\n" + envelope + "DATA\r\n");
}

}  // namespace
}  // namespace todoku::smtp
