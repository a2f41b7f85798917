// POP3 as a script; each is also fed byte by byte.
#include "intake/mailbox/pop3_machine.h"

#include <gmock/gmock.h>

namespace todoku::intake::mailbox {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Action = Pop3Machine::Action;

class Pop3MachineTest : public testing::TestWithParam<bool> {
 protected:
  void start(Tls tls = Tls::off, Limits limits = {}, const std::string& token = "") {
    machine_ = std::make_unique<Pop3Machine>(Pop3Machine::Options{
        .login = {.user = "kago", .password = base::Secret("kagi"), .access_token = base::Secret(token)},
        .tls = tls,
        .limits = limits});
  }
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
  void open(const std::string& capabilities, Limits limits = {}) {
    start(Tls::off, limits);
    server("+OK ready\r\n");
    EXPECT_EQ(client(), "CAPA\r\n");
    server("+OK\r\n" + capabilities + ".\r\n");
    EXPECT_EQ(client(), "USER kago\r\n");
    server("+OK\r\n");
    EXPECT_EQ(client(), "PASS kagi\r\n");
    server("+OK in\r\n");
    EXPECT_EQ(client(), "UIDL\r\n");
    server("+OK\r\n1 aa\r\n2 bb\r\n3 cc\r\n.\r\n");
    ASSERT_TRUE(machine_->usable());
    ASSERT_EQ(machine_->listed().size(), 3U);
    EXPECT_EQ(machine_->listed()[1].name, "bb");
  }
  void expect_trouble(Trouble::Kind kind, const std::string& words) {
    EXPECT_EQ(machine_->next(), Action::rest);
    EXPECT_FALSE(machine_->usable());
    EXPECT_EQ(machine_->trouble().kind, kind) << machine_->trouble().words;
    EXPECT_THAT(machine_->trouble().words, HasSubstr(words));
  }

  std::unique_ptr<Pop3Machine> machine_;
};

INSTANTIATE_TEST_SUITE_P(WholeAndByBytes, Pop3MachineTest, testing::Bool());

TEST_P(Pop3MachineTest, RetrievesOneAfterTheOther) {
  open("UIDL\r\n");
  machine_->retrieve(std::vector<std::uint32_t>{1, 2, 3});
  EXPECT_EQ(client(), "RETR 1\r\n");
  server("+OK\r\nA: b\r\n\r\n..dot\r\n.\r\n");
  EXPECT_EQ(client(), "RETR 2\r\n");
  server("-ERR gone\r\n");
  EXPECT_EQ(client(), "RETR 3\r\n");
  server("+OK\r\n.\r\n");
  EXPECT_EQ(machine_->next(), Action::rest);
  const auto mails = machine_->take_mails();
  ASSERT_EQ(mails.size(), 2U);
  EXPECT_EQ(mails[0].content, "A: b\r\n\r\n.dot\r\n");
  EXPECT_EQ(mails[1].number, 3U);
  EXPECT_THAT(machine_->refused(), ElementsAre(2));
  machine_->remove(std::vector<std::uint32_t>{1});
  EXPECT_EQ(client(), "DELE 1\r\n");
  server("+OK\r\n");
  machine_->quit();
  EXPECT_EQ(client(), "QUIT\r\n");
  server("+OK bye\r\n");
  EXPECT_FALSE(machine_->trouble().any());
  EXPECT_EQ(machine_->next(), Action::rest);
}

TEST_P(Pop3MachineTest, RetrievesManyAtOnceWhereTheServerPipelines) {
  open("UIDL\r\nPIPELINING\r\n");
  machine_->retrieve(std::vector<std::uint32_t>{1, 2, 3});
  EXPECT_EQ(client(), "RETR 1\r\nRETR 2\r\nRETR 3\r\n");
  server("+OK\r\na\r\n.\r\n+OK\r\nb\r\n.\r\n+OK\r\nc\r\n.\r\n");
  EXPECT_EQ(machine_->take_mails().size(), 3U);
  EXPECT_TRUE(machine_->usable());
}

TEST_P(Pop3MachineTest, BeginsTls) {
  start(Tls::starttls);
  server("+OK ready\r\n");
  client();
  server("+OK\r\nSTLS\r\n.\r\n");
  EXPECT_EQ(client(), "STLS\r\n");
  server("+OK begin\r\n");
  ASSERT_EQ(machine_->next(), Action::start_tls);
  machine_->tls_started();
  EXPECT_EQ(client(), "CAPA\r\n");
  server("+OK\r\n.\r\n");
  EXPECT_EQ(client(), "USER kago\r\n");
}

TEST_P(Pop3MachineTest, BelievesNothingSaidBeforeTls) {
  start(Tls::starttls);
  server("+OK ready\r\n");
  client();
  server("+OK\r\nSTLS\r\n.\r\n");
  client();
  machine_->received("+OK begin\r\n+OK injected\r\n");
  expect_trouble(Trouble::Kind::tls, "injects");
  start(Tls::starttls);
  server("+OK ready\r\n");
  client();
  server("-ERR what\r\n");
  expect_trouble(Trouble::Kind::tls, "no STLS");
}

TEST_P(Pop3MachineTest, SignsInByToken) {
  start(Tls::off, {}, "ya29");
  server("+OK ready\r\n");
  client();
  server("+OK\r\nSASL XOAUTH2\r\n.\r\n");
  EXPECT_EQ(client(), "AUTH XOAUTH2\r\n");
  server("+ \r\n");
  EXPECT_THAT(client(), HasSubstr("dXNlcj1rYWdv"));
  server("+OK\r\n");
  EXPECT_EQ(client(), "UIDL\r\n");
}

TEST_P(Pop3MachineTest, SignsInByTheMechanismThatIsThere) {
  start(Tls::off, {}, "ya29");
  server("+OK ready\r\n");
  client();
  server("+OK\r\nSASL PLAIN OAUTHBEARER\r\n.\r\n");
  EXPECT_EQ(client(), "AUTH OAUTHBEARER\r\n");
  server("+ \r\n");
  EXPECT_THAT(client(), HasSubstr("bixhPWthZ28s"));
  server("+ eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIn0=\r\n");
  EXPECT_EQ(client(), "AQ==\r\n");
  server("-ERR no\r\n");
  expect_trouble(Trouble::Kind::login, "no");
  start(Tls::off, {}, "ya29");
  server("+OK ready\r\n");
  client();
  server("+OK\r\nSASL PLAIN\r\n.\r\n");
  expect_trouble(Trouble::Kind::login, "takes no OAuth 2 tokens");
}

TEST_P(Pop3MachineTest, SaysWhatTheServerRefuses) {
  start();
  server("+OK ready\r\n");
  client();
  server("-ERR no CAPA\r\n");
  client();
  server("+OK\r\n");
  client();
  server("-ERR [AUTH] Authentication failed.\r\n");
  expect_trouble(Trouble::Kind::login, "Authentication failed.");
  start();
  server("* OK IMAP here\r\n");
  expect_trouble(Trouble::Kind::protocol, "not POP3");
}

TEST_P(Pop3MachineTest, CutsWhatIsTooLong) {
  Limits limits;
  limits.mail = 20;
  limits.pending = 1000;
  open("", limits);
  machine_->retrieve(std::vector<std::uint32_t>{1});
  client();
  server("+OK\r\n0123456789\r\n0123456789\r\nshort\r\n.\r\n");
  const auto mails = machine_->take_mails();
  ASSERT_EQ(mails.size(), 1U);
  EXPECT_EQ(mails[0].content, "0123456789\r\n01234567") << "and nothing from behind the cut";
  machine_->retrieve(std::vector<std::uint32_t>{1});
  client();
  server("+OK\r\n" + std::string(21, 'x'));
  expect_trouble(Trouble::Kind::protocol, "longer than allowed");
}

TEST_P(Pop3MachineTest, HandsOverWholeMailsAlone) {
  Limits limits;
  limits.pending = 10;
  open("PIPELINING\r\n", limits);
  machine_->retrieve(std::vector<std::uint32_t>{1, 2});
  client();
  server("+OK\r\n0123456789\r\n.\r\n");
  EXPECT_EQ(machine_->next(), Action::hand_over);
  EXPECT_EQ(machine_->take_mails().size(), 1U);
  server("+OK\r\n0123456789\r\n");
  EXPECT_EQ(machine_->next(), Action::hand_over);
  EXPECT_TRUE(machine_->take_mails().empty());
  server("x\r\n.\r\n");
  const auto mails = machine_->take_mails();
  ASSERT_EQ(mails.size(), 1U);
  EXPECT_EQ(mails[0].content, "0123456789\r\nx\r\n");
}

}  // namespace
}  // namespace todoku::intake::mailbox
