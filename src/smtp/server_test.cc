// What a server lets one client do, and what it believes of a proxy.
#include "smtp/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <thread>

#include "net/runtime.h"
#include "net/signal.h"

namespace todoku::smtp {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// Takes everything, says who brought it, and can be made to wait.
class Peers : public Receiver {
 public:
  net::Task<Answer> authenticate(Visit&, const Credentials& credentials) override {
    co_return credentials.password.reveal() == "right" ? Answer{} : Answer{535, "5.7.8 wrong"};
  }
  net::Task<Answer> message(Visit& visit) override {
    bool wait = waits;
    if (wait) (void)co_await go_on.wait(10'000ms);
    co_return Answer{250, "2.0.0 from " + visit.peer};
  }
  std::atomic<bool> waits = false;
  net::Signal go_on;
};

/// Says each text after something was heard, and hears until the server closes or has said `last`.
net::Task<std::string> converse(std::uint16_t port, std::vector<std::string> texts, std::string last,
                                net::TlsClientContext* tls) {
  auto stream = (co_await net::Stream::connect({"127.0.0.1", port}, {})).value();
  if (tls != nullptr && !co_await stream.start_tls(*tls, "mx.example", 5000ms)) co_return "no TLS";
  std::array<char, 4096> buffer{};
  std::string heard;
  for (std::size_t next = 0;;) {
    if (next < texts.size() && (!heard.empty() || texts[next].starts_with("PROXY"))) {
      std::string_view text = texts[next++];
      if (!co_await stream.write({&text, 1}, 5000ms)) co_return heard;
      if (text.starts_with("PROXY")) continue;
    }
    auto got = co_await stream.read_some(buffer, 5000ms);
    if (!got) co_return heard;
    heard.append(buffer.data(), got.bytes);
    if (!last.empty() && heard.find(last) != heard.npos) co_return heard;
  }
}

const std::string kMail = "EHLO us.example\r\nMAIL FROM:<>\r\nRCPT TO:<a@mx.example>\r\nDATA\r\n";
const std::string kContent = "Subject: x\r\n\r\nx\r\n.\r\nQUIT\r\n";

class Guarded : public ::testing::Test {
 protected:
  void start(ServerSettings settings, std::shared_ptr<net::TlsServerContext> tls = {}) {
    settings.observe = [this](ServerEvent event) { ++events_[static_cast<std::size_t>(event)]; };
    server_ = Server::start(runtime_, {"127.0.0.1", 0}, peers_, std::move(settings), std::move(tls)).value();
  }
  std::string say(std::vector<std::string> texts, std::string last = "", net::TlsClientContext* tls = nullptr) {
    return net::run(clients_, converse(server_->at().port, std::move(texts), std::move(last), tls));
  }
  std::size_t count(ServerEvent event) { return events_[static_cast<std::size_t>(event)]; }
  void TearDown() override {
    server_.reset();
    EXPECT_TRUE(runtime_.close(5000ms));
  }

  Peers peers_;
  std::array<std::atomic<std::size_t>, kServerEventCount> events_{};
  net::Runtime runtime_{{.threads = 2, .workers = 1}};
  net::Runtime clients_{{.threads = 1, .workers = 1}};
  std::unique_ptr<Server> server_;
};

TEST_F(Guarded, BelievesTheProxiesThatItKnows) {
  start({.proxies = {"127.0.0.1"}});
  EXPECT_THAT(say({"PROXY TCP4 203.0.113.7 10.0.0.1 1234 25\r\n", kMail, kContent}), HasSubstr("from 203.0.113.7"));
  EXPECT_THAT(say({"PROXY UNKNOWN\r\n", kMail, kContent}), HasSubstr("from 127.0.0.1")) << "itself";
  EXPECT_EQ(say({"PROXY nonsense, and more of it\r\n"}), "");
  EXPECT_EQ(count(ServerEvent::proxy_broken), 1U);
}

TEST_F(Guarded, TakesNobodyElseForAProxy) {
  start({.proxies = {"192.0.2.1"}});
  const std::string heard = say({"PROXY TCP4 203.0.113.7 10.0.0.1 1234 25\r\n", kMail, kContent});
  EXPECT_THAT(heard, HasSubstr("500 "));
  EXPECT_THAT(heard, HasSubstr("from 127.0.0.1"));
}

TEST_F(Guarded, OnePeerHasSoManyConnections) {
  start({.peer = {.connections = 1}});
  peers_.waits = true;
  std::thread first([this] {
    net::Runtime own({.threads = 1, .workers = 1});
    EXPECT_THAT(net::run(own, converse(server_->at().port, {kMail, kContent}, "", nullptr)), HasSubstr("from 127"));
  });
  while (server_->connections() == 0) std::this_thread::yield();
  EXPECT_THAT(say({"QUIT\r\n"}), StartsWith("421 4.7.0"));
  EXPECT_EQ(count(ServerEvent::too_many_connections), 1U);
  peers_.go_on.set();
  first.join();
  peers_.waits = false;
  while (server_->connections() > 0) std::this_thread::yield();
  EXPECT_THAT(say({kMail, kContent}), HasSubstr("from 127"));
}

TEST_F(Guarded, OnePeerHasSoManyMailsAndRecipientsAMinute) {
  start({.peer = {.mails = {.per_minute = 2}, .recipients = {.per_minute = 3}}});
  const std::string twice = "RCPT TO:<a@mx.example>\r\nRCPT TO:<b@mx.example>\r\nRSET\r\n";
  const std::string mail = "MAIL FROM:<>\r\n";
  const std::string heard = say({"EHLO x\r\n" + mail + twice + mail + twice + mail + "QUIT\r\n"});
  EXPECT_EQ(count(ServerEvent::too_many_recipients), 1U);
  EXPECT_EQ(count(ServerEvent::too_many_mails), 1U);
  EXPECT_THAT(heard, HasSubstr("451 4.7.1"));
}

TEST_F(Guarded, WhoGuessesPasswordsIsSentAway) {
  start({.protocol = {.offer_auth = true, .auth_in_plain = true}, .peer = {.auth_failures = {.per_minute = 2}}});
  const std::string wrong = "AUTH PLAIN " + plain_response({"user", base::Secret("wrong")}) + "\r\n";
  const std::string right = "AUTH PLAIN " + plain_response({"user", base::Secret("right")}) + "\r\n";
  EXPECT_THAT(say({"EHLO x\r\n" + wrong + wrong + right + "QUIT\r\n"}), HasSubstr("421 4.7.0 too many failures"));
  EXPECT_THAT(say({"EHLO x\r\n" + right + "QUIT\r\n"}), HasSubstr("421 4.7.0")) << "also over another connection";
  EXPECT_EQ(count(ServerEvent::auth_failed), 2U);
}

TEST_F(Guarded, LargeMailsArePutOffWhereAllHaveTooMuch) {
  start({.limits = {.bytes = 300'000}});
  const std::string heard = say({kMail, std::string(400'000, 'x')});
  EXPECT_THAT(heard, HasSubstr("421 4.3.1"));
  EXPECT_EQ(count(ServerEvent::too_many_bytes), 1U);
  EXPECT_THAT(say({kMail, kContent}), HasSubstr("from 127"));
}

TEST_F(Guarded, SpeaksTlsFromTheFirstByte) {
  EXPECT_FALSE(Server::start(runtime_, {"127.0.0.1", 0}, peers_, {.tls_at_once = true}));
  const auto own = net::make_self_signed("mx.example");
  start({.tls_at_once = true}, net::TlsServerContext::create(own.certificate, own.key).value());
  const auto tls = net::TlsClientContext::create().value();
  const std::string heard = say({kMail, kContent}, "", tls.get());
  EXPECT_THAT(heard, HasSubstr("from 127"));
  EXPECT_THAT(heard, ::testing::Not(HasSubstr("STARTTLS")));
}

TEST_F(Guarded, DrainsIdleSessionsAtOnceAndOthersAfterTheirMail) {
  start({});
  peers_.waits = true;
  std::string in_mail, idle;
  std::thread first([&] {
    net::Runtime own({.threads = 1, .workers = 1});
    in_mail = net::run(own, converse(server_->at().port, {kMail, "x\r\n.\r\n"}, "", nullptr));
  });
  std::thread second([&] {
    net::Runtime own({.threads = 1, .workers = 1});
    idle = net::run(own, converse(server_->at().port, {"EHLO x\r\n"}, "", nullptr));
  });
  while (count(ServerEvent::connection) < 2) std::this_thread::yield();
  server_->drain();
  second.join();
  EXPECT_THAT(idle, HasSubstr("421 4.3.2"));
  peers_.go_on.set();
  first.join();
  EXPECT_THAT(in_mail, ::testing::AnyOf(HasSubstr("from 127.0.0.1\r\n421 4.3.2"), ::testing::Not(HasSubstr("354"))));
}

}  // namespace
}  // namespace todoku::smtp
