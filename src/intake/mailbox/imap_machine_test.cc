// IMAP as a script: what the server says, what the machine answers. Each script is also fed byte by byte.
#include "intake/mailbox/imap_machine.h"

#include <gmock/gmock.h>

#include "smtp/sasl.h"

namespace todoku::intake::mailbox {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Action = ImapMachine::Action;

ImapMachine::Options options(Tls tls = Tls::off) {
  return {.login = {.user = "kago", .password = base::Secret("kagi"), .access_token = {}}, .tls = tls};
}

class ImapMachineTest : public testing::TestWithParam<bool> {
 protected:
  void start(ImapMachine::Options options) { machine_ = std::make_unique<ImapMachine>(std::move(options)); }

  void server(const std::string& text) {
    ASSERT_EQ(machine_->next(), Action::read) << text;
    if (!GetParam()) return machine_->received(text);
    for (const char c : text) machine_->received({&c, 1});
  }
  std::string client() {
    if (machine_->next() != Action::write) return "(nothing) " + machine_->trouble().words;
    std::string text(machine_->output());
    machine_->written();
    return text;
  }
  void open() {
    start(options());
    server("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\r\n");
    ASSERT_EQ(client(), "a1 AUTHENTICATE PLAIN " + smtp::base64(std::string("\0kago\0kagi", 10)) + "\r\n");
    server("a1 OK [CAPABILITY IMAP4rev1 IDLE MOVE UIDPLUS] in\r\n");
    ASSERT_EQ(client(), "a2 EXAMINE \"INBOX\"\r\n");
    server("* 3 EXISTS\r\n* OK [UIDVALIDITY 77] valid\r\n* OK [UIDNEXT 9] next\r\na2 OK [READ-ONLY] done\r\n");
    ASSERT_TRUE(machine_->usable());
    EXPECT_EQ(machine_->validity(), 77U);
  }
  void expect_trouble(Trouble::Kind kind, const std::string& words) {
    EXPECT_EQ(machine_->next(), Action::rest);
    EXPECT_FALSE(machine_->usable());
    EXPECT_EQ(machine_->trouble().kind, kind) << machine_->trouble().words;
    EXPECT_THAT(machine_->trouble().words, HasSubstr(words));
  }

  std::unique_ptr<ImapMachine> machine_;
};

INSTANTIATE_TEST_SUITE_P(WholeAndByBytes, ImapMachineTest, testing::Bool());

TEST_P(ImapMachineTest, SearchesAndFetches) {
  open();
  machine_->search(5);
  EXPECT_EQ(client(), "a3 UID SEARCH UID 5:*\r\n");
  server("* SEARCH 5 6 9\r\na3 OK done\r\n");
  EXPECT_THAT(machine_->found(), ElementsAre(5, 6, 9));
  machine_->fetch(machine_->found());
  EXPECT_EQ(client(), "a4 UID FETCH 5:6,9 (UID BODY.PEEK[]<0.10485760>)\r\n");
  server(
      "* 1 FETCH (UID 5 BODY[]<0> {12}\r\nA: b\r\n\r\nx)\r\n)\r\n* 2 FETCH (FLAGS (\\Seen) BODY[]<0> \"short\" UID "
      "6)\r\n");
  server("* 3 FETCH (FLAGS (\\Answered))\r\n* 3 FETCH (UID 9 BODY[]<0> {0}\r\n)\r\na4 OK done\r\n");
  EXPECT_EQ(machine_->next(), Action::rest);
  const auto mails = machine_->take_mails();
  ASSERT_EQ(mails.size(), 3U);
  EXPECT_EQ(mails[0].number, 5U);
  EXPECT_EQ(mails[0].content, "A: b\r\n\r\nx)\r\n");
  EXPECT_EQ(mails[1].content, "short");
  EXPECT_EQ(mails[2].content, "");
  machine_->logout();
  EXPECT_EQ(client(), "a5 LOGOUT\r\n");
  server("* BYE bye\r\na5 OK\r\n");
  EXPECT_FALSE(machine_->trouble().any());
}

TEST_P(ImapMachineTest, BeginsTls) {
  start(options(Tls::starttls));
  server("* OK hello\r\n");
  EXPECT_EQ(client(), "a1 CAPABILITY\r\n");
  server("* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\na1 OK\r\n");
  EXPECT_EQ(client(), "a2 STARTTLS\r\n");
  server("a2 OK begin\r\n");
  ASSERT_EQ(machine_->next(), Action::start_tls);
  machine_->tls_started();
  EXPECT_EQ(client(), "a3 CAPABILITY\r\n");
  server("* CAPABILITY IMAP4rev1\r\na3 OK\r\n");
  EXPECT_EQ(client(), "a4 LOGIN \"kago\" \"kagi\"\r\n");
  server("a4 OK\r\n");
  EXPECT_EQ(client(), "a5 CAPABILITY\r\n");
  server("* CAPABILITY IMAP4rev1 IDLE\r\na5 OK\r\n");
  EXPECT_EQ(client(), "a6 EXAMINE \"INBOX\"\r\n");
}

TEST_P(ImapMachineTest, BelievesNothingSaidBeforeTls) {
  start(options(Tls::starttls));
  server("* OK [CAPABILITY STARTTLS] hello\r\n");
  EXPECT_EQ(client(), "a1 STARTTLS\r\n");
  machine_->received("a1 OK begin\r\n* OK injected\r\n");
  expect_trouble(Trouble::Kind::tls, "injects");
  start(options(Tls::starttls));
  server("* OK [CAPABILITY IMAP4rev1] no TLS here\r\n");
  expect_trouble(Trouble::Kind::tls, "no STARTTLS");
  start(options(Tls::starttls));
  server("* PREAUTH welcome\r\n");
  expect_trouble(Trouble::Kind::tls, "before TLS");
}

TEST_P(ImapMachineTest, SaysWhatTheServerRefuses) {
  start(options());
  server("* OK [CAPABILITY SASL-IR AUTH=PLAIN] ready\r\n");
  client();
  server("a1 NO [AUTHENTICATIONFAILED] Authentication failed.\r\n");
  expect_trouble(Trouble::Kind::login, "Authentication failed.");
  start(options());
  server("* BYE too many connections\r\n");
  expect_trouble(Trouble::Kind::refused, "too many connections");
  start(options());
  server("220 mail.example ESMTP\r\n");
  expect_trouble(Trouble::Kind::protocol, "not IMAP");
  open();
  machine_->fetch(std::vector<std::uint32_t>{5});
  client();
  server("a3 NO cannot\r\n");
  EXPECT_TRUE(machine_->usable());
  EXPECT_EQ(machine_->refusal(), "cannot");
}

TEST_P(ImapMachineTest, SignsInByToken) {
  auto by_token = options();
  by_token.login.access_token = base::Secret("ya29");
  start(by_token);
  server("* OK [CAPABILITY AUTH=XOAUTH2] ready\r\n");
  EXPECT_EQ(client(), "a1 AUTHENTICATE XOAUTH2\r\n");
  server("+ \r\n");
  EXPECT_EQ(client(), smtp::base64("user=kago\x01"
                                   "auth=Bearer ya29\x01\x01") +
                          "\r\n");
  server("+ eyJzdGF0dXMiOiI0MDAifQ==\r\n");
  EXPECT_EQ(client(), "\r\n");
  server("a1 NO failed\r\n");
  expect_trouble(Trouble::Kind::login, "failed");
}

TEST_P(ImapMachineTest, SignsInByTokenAsRfc7628Says) {
  auto by_token = options();
  by_token.login.user = "ka,go=1";
  by_token.login.access_token = base::Secret("ya29");
  start(by_token);
  server("* OK [CAPABILITY SASL-IR AUTH=OAUTHBEARER] ready\r\n");
  EXPECT_EQ(client(), "a1 AUTHENTICATE OAUTHBEARER " +
                          smtp::base64("n,a=ka=2Cgo=3D1,\x01"
                                       "auth=Bearer ya29\x01\x01") +
                          "\r\n");
  server("+ eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIn0=\r\n");
  EXPECT_EQ(client(), "AQ==\r\n");
  server("a1 NO failed\r\n");
  expect_trouble(Trouble::Kind::login, "failed");
  start(by_token);
  server("* OK [CAPABILITY AUTH=PLAIN] ready\r\n");
  expect_trouble(Trouble::Kind::login, "takes no OAuth 2 tokens");
}

TEST_P(ImapMachineTest, IdlesUntilNewsCome) {
  open();
  machine_->idle();
  EXPECT_EQ(client(), "a3 IDLE\r\n");
  server("+ idling\r\n");
  ASSERT_TRUE(machine_->idling());
  server("* OK still here\r\n");
  EXPECT_EQ(machine_->next(), Action::read);
  server("* 4 EXISTS\r\n");
  EXPECT_EQ(client(), "DONE\r\n");
  server("a3 OK\r\n");
  EXPECT_TRUE(machine_->usable());
  EXPECT_TRUE(machine_->news());
  // Ours is the end as well; and what came before the server idles is not passed over.
  machine_->search(1);
  client();
  server("* SEARCH\r\na4 OK\r\n");
  EXPECT_FALSE(machine_->news());
  machine_->idle();
  client();
  server("* 5 EXISTS\r\n+ idling\r\n");
  EXPECT_EQ(client(), "DONE\r\n");
}

TEST_P(ImapMachineTest, MovesAndRemoves) {
  open();
  const std::vector<std::uint32_t> uids = {1, 2, 4};
  machine_->move(uids, "済み & done");
  EXPECT_EQ(client(), "a3 UID MOVE 1:2,4 \"&bggwfw- &- done\"\r\n");
  server("* 1 EXPUNGE\r\na3 OK\r\n");
  machine_->remove(uids);
  EXPECT_EQ(client(), "a4 UID STORE 1:2,4 +FLAGS.SILENT (\\Deleted)\r\n");
  server("a4 OK\r\n");
  EXPECT_EQ(client(), "a5 UID EXPUNGE 1:2,4\r\n");
  server("a5 OK\r\n");
  EXPECT_TRUE(machine_->usable());
}

TEST_P(ImapMachineTest, HandsOverWhenMuchHasGathered) {
  auto small = options();
  small.limits.pending = 10;
  start(small);
  server("* OK [CAPABILITY SASL-IR AUTH=PLAIN] r\r\n");
  client();
  server("a1 OK [CAPABILITY X] in\r\n");
  client();
  server("* OK [UIDVALIDITY 1]\r\na2 OK\r\n");
  machine_->fetch(std::vector<std::uint32_t>{1, 2});
  client();
  server("* 1 FETCH (UID 1 BODY[]<0> {10}\r\n0123456789)\r\n");
  EXPECT_EQ(machine_->next(), Action::hand_over);
  EXPECT_EQ(machine_->take_mails().size(), 1U);
  EXPECT_EQ(machine_->next(), Action::read);
}

TEST_P(ImapMachineTest, KeepsItsLimits) {
  auto small = options();
  small.limits.line = 100;
  small.limits.mail = 100;
  for (const std::string& flood : {std::string(5000, 'x'), std::string("* 1 FETCH (UID 1 BODY[] {99999999999}\r\n"),
                                   std::string("* 1 FETCH (UID 1 BODY[] {5000}\r\n"), std::string("* \0 x\r\n", 7)}) {
    start(small);
    machine_->received(flood);
    expect_trouble(Trouble::Kind::protocol, "longer than allowed");
  }
}

TEST_P(ImapMachineTest, TellsWhenTheServerEnds) {
  open();
  machine_->idle();
  client();
  server("+ idling\r\n* BYE shutting down\r\n");
  expect_trouble(Trouble::Kind::lost, "shutting down");
}

TEST(ImapSet, JoinsNeighbours) {
  EXPECT_EQ(imap_set(std::vector<std::uint32_t>{1, 2, 3, 7, 9, 10}), "1:3,7,9:10");
  EXPECT_EQ(imap_set({}), "");
}

TEST(ImapQuoted, TakesNoLineEnd) {
  EXPECT_EQ(imap_quoted("a\"b\\c"), "\"a\\\"b\\\\c\"");
  EXPECT_FALSE(imap_quoted("a\r\nb"));
  EXPECT_FALSE(imap_quoted("é"));
}

}  // namespace
}  // namespace todoku::intake::mailbox
