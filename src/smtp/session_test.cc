// Client sessions against scripted, hostile peers and against our own server, over loopback.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "net/runtime.h"
#include "net/signal.h"
#include "net/test_certificates.h"
#include "net/tls.h"
#include "smtp/client_session.h"
#include "smtp/server.h"

namespace todoku::smtp {
namespace {

using namespace std::chrono_literals;
using Kind = SendOutcome::Kind;

/// What a scripted peer does: says `text` to each line that starts with `to` ("" : at once), then as told.
struct Step {
  std::string to;
  std::string text;
  enum class Then { go_on, close, stall, dribble, close_unsaid } then = Then::go_on;
};
using Script = std::vector<Step>;

net::Task<> say(net::Stream& stream, std::string text, Step::Then then) {
  if (then == Step::Then::dribble) {
    for (char c : text) {
      std::string_view byte(&c, 1);
      if (!co_await stream.write({&byte, 1}, 1000ms) || !co_await net::sleep(5ms)) co_return;
    }
    co_return;
  }
  std::string_view all = text;
  (void)co_await stream.write({&all, 1}, 5000ms);
}

net::Task<> play(net::Stream stream, std::shared_ptr<const Script> script) {
  std::string heard;
  std::array<char, 65536> buffer;
  for (const auto& step : *script) {
    while (!step.to.empty() && heard.find(step.to) == heard.npos) {
      auto got = co_await stream.read_some(buffer, 5000ms);
      if (!got) co_return;
      heard.append(buffer.data(), got.bytes);
    }
    heard.erase(0, step.to.empty() ? 0 : heard.find(step.to) + step.to.size());
    if (step.then == Step::Then::close_unsaid) co_return;
    co_await say(stream, step.text, step.then);
    if (step.then == Step::Then::close) co_return;
    if (step.then == Step::Then::stall) (void)co_await net::sleep(5000ms);
  }
  (void)co_await stream.read_some(buffer, 1000ms);
}

class Session : public ::testing::Test {
 protected:
  std::pair<Failure, SendOutcome> tries_briefly(Script script) {
    return tries(std::move(script), "Subject: x\r\n\r\nx\r\n", kShort);
  }

  std::uint16_t peer(Script script) {
    auto shared = std::make_shared<const Script>(std::move(script));
    listeners_.push_back(net::Listener::bind(runtime_, {"127.0.0.1", 0}).value());
    listeners_.back().start([shared](net::Stream stream) { return play(std::move(stream), shared); });
    return listeners_.back().at().port;
  }

  // Limits that only a stalling peer meets, however busy the machine is.
  static constexpr base::Duration kShort = 1000ms;

  static SessionOptions options(base::Duration limit = 20'000ms) {
    SessionOptions o;
    o.client.helo = "us.example";
    o.client.tls = TlsMode::off;
    o.limits.quit = 50ms;
    o.limits.greeting = o.limits.command = o.limits.data = o.limits.end_of_data = limit;
    return o;
  }

  // Opens, sends one mail, and tells what became of it; of a session that did not open, as a failure.
  static net::Task<std::pair<Failure, SendOutcome>> attempt(std::uint16_t port, SessionOptions o, std::string content) {
    auto opened = co_await ClientSession::open({"mx.example", "127.0.0.1", port}, std::move(o));
    if (!opened) co_return std::pair{opened.failure, SendOutcome{}};
    std::string_view to = "a@example.jp";
    Envelope mail{.sender = "s@us.example", .recipients = {&to, 1}, .content = content};
    auto outcome = co_await opened.session->send(mail);
    co_await opened.session->quit();
    co_return std::pair{Failure{}, std::move(outcome)};
  }

  std::pair<Failure, SendOutcome> tries(Script script, std::string content = "Subject: x\r\n\r\nx\r\n",
                                        base::Duration limit = 20'000ms) {
    return net::run(runtime_, attempt(peer(std::move(script)), options(limit), std::move(content)));
  }

  net::Runtime runtime_{{.threads = 2, .workers = 1}};
  std::vector<net::Listener> listeners_;
};

const Script kPolite = {{"", "220 mx\r\n"},         {"EHLO us.example\r\n", "250-mx\r\n250 PIPELINING\r\n"},
                        {"\nRCPT", "250 ok\r\n"},   {"DATA\r\n", "250 ok\r\n354 go\r\n"},
                        {"\r\n.\r\n", "250 1\r\n"}, {"QUIT\r\n", "221 bye\r\n"}};

Script with(std::size_t step, const Step& other) {
  auto script = kPolite;
  script[step].text = other.text;
  script[step].then = other.then;
  return script;
}

TEST_F(Session, PolitePeer) {
  auto [failure, outcome] = tries(kPolite);
  EXPECT_TRUE(outcome.accepted()) << failure.text() << outcome.text();
}

TEST_F(Session, ADribblingPeerIsGivenUpByTheReplysLimit) {
  auto began = std::chrono::steady_clock::now();
  auto [failure, outcome] = tries_briefly(with(0, {"", "220 " + std::string(2000, 'x'), Step::Then::dribble}));
  EXPECT_EQ(failure.stage, Stage::connect);
  EXPECT_EQ(failure.cause, Cause::timeout);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 8s);
}

TEST_F(Session, StallsAtEachStage) {
  EXPECT_EQ(tries_briefly(with(0, {"", "", Step::Then::stall})).first.cause, Cause::timeout);
  auto ehlo = tries_briefly(with(1, {"", "250-mx\r\n", Step::Then::stall})).first;
  EXPECT_EQ(ehlo.stage, Stage::ehlo);
  auto mail = tries_briefly(with(2, {"", "", Step::Then::stall})).second;
  EXPECT_EQ(mail.kind, Kind::lost);
  EXPECT_EQ(mail.stage, Stage::mail);
  EXPECT_EQ(mail.cause, Cause::timeout);
  auto end = tries_briefly(with(4, {"", "", Step::Then::stall})).second;
  EXPECT_EQ(end.kind, Kind::in_doubt);
  EXPECT_EQ(end.stage, Stage::eod);
}

TEST_F(Session, ClosesAfterEachCommand) {
  Step close{"", "", Step::Then::close_unsaid};
  EXPECT_EQ(tries(with(0, close)).first.cause, Cause::closed);
  EXPECT_EQ(tries(with(1, close)).first.stage, Stage::ehlo);
  EXPECT_EQ(tries(with(2, close)).second.kind, Kind::lost);
  EXPECT_EQ(tries(with(3, close)).second.kind, Kind::lost);
  EXPECT_EQ(tries(with(4, close)).second.kind, Kind::in_doubt);
  EXPECT_TRUE(tries(with(5, close)).second.accepted());
}

TEST_F(Session, RefusalsAtEachStage) {
  auto connect = tries(with(0, {"", "554-no\r\n554 5.7.1 never\r\n"})).first;
  EXPECT_EQ(connect.stage, Stage::connect);
  EXPECT_EQ(connect.text(), "554 no 5.7.1 never");
  EXPECT_EQ(tries(with(1, {"", "421 4.3.2 later\r\n"})).first.stage, Stage::ehlo);
  auto mail = tries(with(2, {"", "451 4.7.1 greylisted\r\n"})).second;
  EXPECT_EQ(mail.kind, Kind::refused);
  EXPECT_EQ(mail.stage, Stage::mail);
  auto rcpt = tries(with(3, {"", "550-5.1.1 no\r\n550 5.1.1 such user\r\n554 no\r\n"})).second;
  EXPECT_EQ(rcpt.stage, Stage::rcpt);
  EXPECT_EQ(rcpt.reply.lines.size(), 2U);
  auto data = tries(with(3, {"", "250 ok\r\n452 4.3.1 full\r\n"})).second;
  EXPECT_EQ(data.stage, Stage::data);
  auto end = tries(with(4, {"", "552 5.2.2 over quota\r\n"})).second;
  EXPECT_EQ(end.stage, Stage::eod);
  EXPECT_TRUE(end.reply.permanent());
}

TEST_F(Session, GarbageAndLongLines) {
  EXPECT_EQ(tries(with(0, {"", std::string("\x16\x03\x01\0\0\r\n", 7)})).first.cause, Cause::protocol_error);
  EXPECT_EQ(tries(with(0, {"", std::string(1 << 20, 'x')})).first.cause, Cause::protocol_error);
  auto rcpt = tries(with(2, {"", "550 " + std::string(1 << 20, 'x') + "\r\n550 no\r\n503 no\r\n"})).second;
  EXPECT_EQ(rcpt.kind, Kind::refused);
  EXPECT_LE(rcpt.text().size(), 5000U);
}

TEST_F(Session, HearsWhyAServerClosesInTheMiddleOfAContent) {
  auto script = kPolite;
  script[4] = {"Subject", "552 5.3.4 too big\r\n", Step::Then::close};
  auto outcome = tries(script, "Subject: x\r\n\r\n" + std::string(64 << 20, 'x') + "\r\n").second;
  // The reset may overtake the reply; without it the mail is known to be lost, never in doubt.
  if (outcome.kind == Kind::refused)
    EXPECT_EQ(outcome.text(), "552 5.3.4 too big");
  else
    EXPECT_EQ(outcome.kind, Kind::lost);
}

TEST_F(Session, SendsAChunkInOneGo) {
  const auto after_all_of_it = [this](std::string replies, Step::Then then = Step::Then::go_on) {
    Script script = {{"", "220 mx\r\n"},
                     {"EHLO us.example\r\n", "250-mx\r\n250-PIPELINING\r\n250 CHUNKING\r\n"},
                     {"RCPT TO:<a@example.jp>\r\nBDAT 17 LAST\r\nSubject: x\r\n\r\nx\r\n", std::move(replies), then}};
    if (then == Step::Then::go_on) script.push_back({"QUIT\r\n", "221 bye\r\n"});
    return tries_briefly(std::move(script)).second;
  };
  EXPECT_TRUE(after_all_of_it("250 ok\r\n250 ok\r\n250 1\r\n").accepted());
  const auto refused = after_all_of_it("250 ok\r\n550 5.1.1 no such user\r\n503 no recipients\r\n");
  EXPECT_EQ(refused.text(), "550 5.1.1 no such user");
  EXPECT_EQ(refused.stage, Stage::rcpt);
  EXPECT_EQ(after_all_of_it("", Step::Then::close_unsaid).kind, Kind::in_doubt);
  EXPECT_EQ(after_all_of_it("250 ok\r\n250 ok\r\n250 1", Step::Then::close).kind, Kind::in_doubt) << "a short reply";
  EXPECT_EQ(after_all_of_it("250 ok\r\n550 no\r\n", Step::Then::close).kind, Kind::refused);
  const auto stalled = after_all_of_it("250 ok\r\n250 ok\r\n", Step::Then::stall);
  EXPECT_EQ(stalled.kind, Kind::in_doubt);
  EXPECT_EQ(stalled.stage, Stage::eod);
  EXPECT_EQ(stalled.cause, Cause::timeout);
  EXPECT_EQ(after_all_of_it("250 ok\r\n250 ok\r\n354 go\r\n").cause, Cause::protocol_error);
}

TEST_F(Session, HearsWhyAServerClosesInTheMiddleOfAChunk) {
  const Script script = {{"", "220 mx\r\n"},
                         {"EHLO us.example\r\n", "250-mx\r\n250-PIPELINING\r\n250 CHUNKING\r\n"},
                         {"MAIL", "550 5.7.1 not you\r\n", Step::Then::close}};
  const auto outcome = tries(script, "Subject: x\r\n\r\n" + std::string(60'000, 'x') + "\r\n").second;
  // All of it fits into the sockets' buffers, or not; the reset may overtake the reply.
  EXPECT_FALSE(outcome.accepted());
  if (outcome.kind == Kind::refused) EXPECT_EQ(outcome.text(), "550 5.7.1 not you");
}

TEST_F(Session, NobodyListens) {
  auto port = peer({});
  listeners_.clear();
  while (runtime_.tasks() > 0) std::this_thread::yield();
  auto [failure, outcome] = net::run(runtime_, attempt(port, options(), "x\r\n"));
  EXPECT_EQ(failure.cause, Cause::connect_failed);
  EXPECT_EQ(failure.stage, Stage::connect);
}

TEST_F(Session, StarttlsThatFailsMidway) {
  auto tls = net::TlsClientContext::create().value();
  auto o = options(kShort);
  o.tls = tls.get();
  o.client.tls = TlsMode::required;
  Script script = {{"", "220 mx\r\n"}, {"EHLO", "250-mx\r\n250 STARTTLS\r\n"}, {"STARTTLS\r\n", "220 go\r\nnot TLS"}};
  auto injected = net::run(runtime_, attempt(peer(script), o, "x\r\n")).first;
  EXPECT_EQ(injected.stage, Stage::starttls);
  script[2] = {"STARTTLS\r\n", "220 go\r\n"};
  script.push_back({"\x16\x03", "no such thing as TLS here", Step::Then::close});
  auto broken = net::run(runtime_, attempt(peer(script), o, "x\r\n")).first;
  EXPECT_EQ(broken.stage, Stage::starttls);
  EXPECT_EQ(broken.cause, Cause::tls_failed);
  script[2] = {"STARTTLS\r\n", "220 go\r\n", Step::Then::close};
  EXPECT_EQ(net::run(runtime_, attempt(peer(script), o, "x\r\n")).first.cause, Cause::tls_failed);
  script[2] = {"STARTTLS\r\n", "220 go\r\n", Step::Then::stall};
  EXPECT_EQ(net::run(runtime_, attempt(peer(script), o, "x\r\n")).first.cause, Cause::tls_failed);
  script[2] = {"STARTTLS\r\n", "454 4.7.0 not now\r\n"};
  EXPECT_EQ(net::run(runtime_, attempt(peer(script), o, "x\r\n")).first.reply.code, 454);
}

TEST_F(Session, ClosingTheRuntimeCancelsASessionThatWaits) {
  SendOutcome outcome;
  std::atomic<bool> sending = false;
  auto o = options();
  o.limits.end_of_data = 1h;
  auto script = with(4, {"", "", Step::Then::stall});
  auto port = peer(script);
  struct Run {
    static net::Task<> it(std::uint16_t port, SessionOptions o, SendOutcome& outcome, std::atomic<bool>& sending) {
      auto opened = co_await ClientSession::open({"mx", "127.0.0.1", port}, o);
      std::string_view to = "a@example.jp";
      sending = true;
      outcome = co_await opened.session->send({.sender = "", .recipients = {&to, 1}, .content = "x\r\n"});
    }
  };
  runtime_.spawn(Run::it(port, o, outcome, sending));
  while (!sending) std::this_thread::yield();
  EXPECT_TRUE(runtime_.close(20ms));
  EXPECT_EQ(outcome.cause, Cause::cancelled);
}

// Our own server, which takes everything but "no@" and keeps it.
class Keeper : public Receiver {
 public:
  net::Task<Answer> recipient(Visit&, const std::string& address) override {
    co_return address.starts_with("no@") ? Answer{550, "5.1.1 no such user"} : Answer{};
  }
  net::Task<Answer> authenticate(Visit&, const Credentials& c) override {
    co_return c.password.reveal() == "pass" ? Answer{} : Answer{535, "5.7.8 wrong"};
  }
  net::Task<Answer> message(Visit& visit) override {
    std::lock_guard lock(mutex);
    visits.push_back(visit);
    co_return Answer{250, "2.0.0 kept as " + std::to_string(visits.size())};
  }
  std::mutex mutex;
  std::vector<Visit> visits;
};

class OwnServer : public Session {
 protected:
  void SetUp() override {
    auto own = net::make_self_signed("mx.example");
    server_tls_ = net::TlsServerContext::create(own.certificate, own.key).value();
    ServerSettings settings;
    settings.protocol = {.hostname = "mx.example", .offer_auth = true};
    server_ = Server::start(runtime_, {"127.0.0.1", 0}, keeper_, settings, server_tls_).value();
  }
  void TearDown() override { runtime_.close(2000ms); }

  Keeper keeper_;
  std::shared_ptr<net::TlsServerContext> server_tls_;
  std::unique_ptr<net::TlsClientContext> client_tls_ = net::TlsClientContext::create().value();
  std::unique_ptr<Server> server_;
};

TEST_F(OwnServer, TakesMailsOverTlsWithAuth) {
  auto o = options();
  o.tls = client_tls_.get();
  o.client.tls = TlsMode::required;
  o.client.credentials = {"user", base::Secret("pass")};
  std::string content = "Subject: x\r\n\r\n.dot\r\n" + std::string(100'000, 'x') + "\r\n";
  auto [failure, outcome] = net::run(runtime_, attempt(server_->at().port, o, content));
  ASSERT_TRUE(outcome.accepted()) << failure.text() << outcome.text();
  EXPECT_EQ(outcome.text(), "250 2.0.0 kept as 1");
  EXPECT_EQ(keeper_.visits[0].content, content);
  EXPECT_EQ(keeper_.visits[0].user, "user");
  EXPECT_TRUE(keeper_.visits[0].secure);
  o.client.credentials = {"user", base::Secret("wrong")};
  EXPECT_EQ(net::run(runtime_, attempt(server_->at().port, o, content)).first.text(), "535 5.7.8 wrong");
}

TEST_F(OwnServer, IsVerifiedWhereAskedFor) {
  auto strict = net::TlsClientContext::create({.verify = net::TlsVerify::name}).value();
  auto o = options();
  o.tls = strict.get();
  o.client.tls = TlsMode::required;
  auto failure = net::run(runtime_, attempt(server_->at().port, o, "x\r\n")).first;
  EXPECT_EQ(failure.cause, Cause::tls_failed);
  EXPECT_NE(failure.text().find("certificate"), std::string::npos) << failure.text();
  o.client.tls = TlsMode::opportunistic;
  EXPECT_TRUE(net::run(runtime_, attempt(server_->at().port, o, "x\r\n")).second.accepted());
  EXPECT_FALSE(keeper_.visits[0].secure);
}

net::Task<Failure> opening(Target target, SessionOptions o) {
  auto opened = co_await ClientSession::open(std::move(target), std::move(o));
  if (!opened) co_return std::move(opened.failure);
  co_await opened.session->quit();
  co_return Failure{};
}

/// What a server needs is kept, whatever the session's options leave open, and the failure says who asks for it.
TEST_F(OwnServer, NothingIsSaidWhereATargetsNeedIsNotMet) {
  const auto certificate = net::make_certificate("mx.example"), other = net::make_certificate("mx.example");
  std::shared_ptr<net::TlsServerContext> tls =
      net::TlsServerContext::create(certificate.pem(), certificate.key_pem()).value();
  auto server = Server::start(runtime_, {"127.0.0.1", 0}, keeper_, {}, tls).value();
  auto o = options();
  o.tls = client_tls_.get();
  o.client.tls = TlsMode::opportunistic;
  Target target{"mx.example", "127.0.0.1", server->at().port};
  target.security = {.tls = TlsMode::required,
                     .proof = net::TlsProof::dane,
                     .tlsa = {certificate.tlsa(3, 1)},
                     .why = "DANE for mx.example"};
  EXPECT_EQ(net::run(runtime_, opening(target, o)).text(), "none");
  target.security.tlsa = {other.tlsa(3, 1)};
  auto failure = net::run(runtime_, opening(target, o));
  EXPECT_EQ(failure.cause, Cause::tls_failed);
  EXPECT_EQ(failure.tls_fault, net::TlsFault::unmatched);
  EXPECT_NE(failure.text().find("nothing was sent, since DANE for mx.example asks for TLS with a certificate"),
            std::string::npos)
      << failure.text();
  target.security.proof = net::TlsProof::authorities;
  EXPECT_EQ(net::run(runtime_, opening(target, o)).tls_fault, net::TlsFault::untrusted);
  auto plain = Server::start(runtime_, {"127.0.0.1", 0}, keeper_, {}, nullptr).value();
  target.port = plain->at().port;
  failure = net::run(runtime_, opening(target, o));
  EXPECT_EQ(failure.cause, Cause::tls_missing);
  EXPECT_NE(failure.text().find("DANE for mx.example"), std::string::npos) << failure.text();
  EXPECT_TRUE(keeper_.visits.empty());
  target.security = {.tls = TlsMode::off};
  EXPECT_EQ(net::run(runtime_, opening(target, o)).text(), "none");
}

net::Task<std::pair<std::vector<SendOutcome>, bool>> send_many(std::uint16_t port, SessionOptions o, int count) {
  auto opened = co_await ClientSession::open({"mx.example", "127.0.0.1", port}, std::move(o));
  std::vector<SendOutcome> outcomes;
  if (!opened) co_return std::pair{outcomes, false};
  std::string_view yes = "a@example.jp", no = "no@example.jp";
  Envelope good{.sender = "s@us.example", .recipients = {&yes, 1}, .content = "x\r\n"};
  Envelope bad{.sender = "s@us.example", .recipients = {&no, 1}, .content = "x\r\n"};
  for (int i = 0; i < count; ++i) {
    const auto& mail = i % 3 == 1 ? bad : good;
    const auto& next = (i + 1) % 3 == 1 ? bad : good;
    outcomes.push_back(co_await opened.session->send(mail, i + 1 < count ? &next : nullptr));
  }
  bool resumed = opened.session->tls() && opened.session->tls()->resumed;
  co_await opened.session->quit();
  co_return std::pair{std::move(outcomes), resumed};
}

TEST_F(OwnServer, ManyMailsOnOneConnectionWithRefusalsBetween) {
  auto [outcomes, resumed] = net::run(runtime_, send_many(server_->at().port, options(), 30));
  ASSERT_EQ(outcomes.size(), 30U);
  for (std::size_t i = 0; i < outcomes.size(); ++i) EXPECT_EQ(outcomes[i].accepted(), i % 3 != 1) << i;
  EXPECT_EQ(keeper_.visits.size(), 20U);
}

TEST_F(OwnServer, ResumesTls) {
  auto o = options();
  o.tls = client_tls_.get();
  o.client.tls = TlsMode::required;
  EXPECT_FALSE(net::run(runtime_, send_many(server_->at().port, o, 3)).second);
  EXPECT_TRUE(net::run(runtime_, send_many(server_->at().port, o, 3)).second);
}

TEST_F(Session, AServerGivesSlowClientsUp) {
  Keeper keeper;
  ServerSettings settings;
  settings.limits.command = 300ms;
  auto server = Server::start(runtime_, {"127.0.0.1", 0}, keeper, settings).value();
  struct Run {
    static net::Task<std::string> it(std::uint16_t port) {
      auto stream = (co_await net::Stream::connect({"127.0.0.1", port}, {})).value();
      std::array<char, 1000> buffer;
      std::string heard;
      for (;;) {
        auto got = co_await stream.read_some(buffer, 5000ms);
        if (!got) co_return heard;
        heard.append(buffer.data(), got.bytes);
      }
    }
  };
  EXPECT_EQ(net::run(runtime_, Run::it(server->at().port)), "220 localhost ESMTP Todoku\r\n421 4.4.2 too slow\r\n");
  runtime_.close(2000ms);
}

}  // namespace
}  // namespace todoku::smtp
