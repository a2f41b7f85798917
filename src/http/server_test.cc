// The server over real sockets.
#include "http/server.h"

#include <gmock/gmock.h>

#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <mutex>

#include "http/response.h"
#include "net/runtime.h"
#include "net/signal.h"

namespace todoku::http {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

net::Task<Response> tell(Request& request) {
  std::string text = std::string(to_string(request.method)) + " from " + request.peer +
                     (request.secure ? " securely" : "") + ": " + request.body;
  if (const auto name = request.route.find("name")) text += " for " + std::string(*name);
  co_return text_response(200, "text/plain", text);
}
net::Task<Response> break_down(Request&) {
  throw std::runtime_error("the disk is full of secrets");
  co_return Response{};
}

Router example() {
  Router router;
  router.add(Method::get, "/hello/{name}", tell);
  router.add(Method::post, "/hello/{name}", tell, 100);
  router.add(Method::get, "/broken", break_down);
  return router;
}

/// Sends the pieces with a pause between, and reads until the server closes.
net::Task<std::string> talk(net::Endpoint at, std::vector<std::string> pieces, net::TlsClientContext* tls) {
  auto connected = co_await net::Stream::connect(at, {});
  if (!connected) co_return connected.error().message;
  net::Stream stream = *std::move(connected);
  if (tls != nullptr && !co_await stream.start_tls(*tls, "localhost", 5000ms)) co_return "no TLS";
  for (const std::string& text : pieces) {
    const std::string_view piece = text;
    if (!co_await stream.write({&piece, 1}, 5000ms)) break;
    if (pieces.size() > 1) (void)co_await net::sleep(5ms);
  }
  std::string heard;
  std::array<char, 4096> buffer;
  for (;;) {
    const auto got = co_await stream.read_some(buffer, 5000ms);
    if (!got) co_return got.status == net::IoStatus::closed ? heard : heard + " [" + stream.error() + "]";
    heard.append(buffer.data(), got.bytes);
  }
}

class ServerTest : public ::testing::Test {
 protected:
  ~ServerTest() override { runtime_.close(20ms); }

  void start(ServerOptions options = {}, std::shared_ptr<net::TlsServerContext> tls = {}) {
    options.observe = [this](const Exchange& exchange) {
      const std::lock_guard lock(mutex_);
      seen_ += std::string(exchange.method) + " " + std::string(exchange.route) + " " +
               std::to_string(exchange.status) + "\n";
    };
    server_ = Server::start(runtime_, {"127.0.0.1", 0}, example(), std::move(options), std::move(tls)).value();
  }
  std::string ask(std::vector<std::string> pieces, net::TlsClientContext* tls = nullptr) {
    return net::run(runtime_, talk(server_->at(), std::move(pieces), tls));
  }
  std::string seen() {
    const std::lock_guard lock(mutex_);
    return seen_;
  }

  net::Runtime runtime_;
  std::unique_ptr<Server> server_;
  std::mutex mutex_;
  std::string seen_;  // guarded by mutex_
};

const std::string kClose = "Host: h\r\nConnection: close\r\n";

TEST_F(ServerTest, AnswersOneRequestAfterTheOtherOverOneConnection) {
  start();
  const std::string first = "GET /hello/a HTTP/1.1\r\nHost: h\r\n\r\n";
  const std::string second = "POST /hello/b HTTP/1.1\r\nContent-Length: 3\r\n" + kClose + "\r\nabc";
  for (const auto& heard : {ask({first + second}), ask({first, second}),
                            ask({first.substr(0, 9), first.substr(9), second.substr(0, second.size() - 1), "c"})}) {
    EXPECT_THAT(heard, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(heard, HasSubstr("GET from 127.0.0.1:  for a"));
    EXPECT_THAT(heard, HasSubstr("Connection: keep-alive\r\n"));
    EXPECT_THAT(heard, HasSubstr("POST from 127.0.0.1: abc for b"));
    EXPECT_THAT(heard, HasSubstr("Connection: close\r\n"));
  }
  EXPECT_THAT(seen(), StartsWith("GET /hello/{name} 200\nPOST /hello/{name} 200\n"));
}

TEST_F(ServerTest, GuardsEveryResponse) {
  start();
  const std::string heard = ask({"GET /hello/a HTTP/1.1\r\n" + kClose + "\r\n"});
  for (const char* field :
       {"Content-Security-Policy: default-src 'none'; frame-ancestors 'none'", "X-Content-Type-Options: nosniff",
        "Referrer-Policy: no-referrer", "Cache-Control: no-store", "Content-Length: 26\r\n", "Date: "}) {
    EXPECT_THAT(heard, HasSubstr(field));
  }
  EXPECT_THAT(heard, Not(HasSubstr("Strict-Transport-Security")));
}

TEST_F(ServerTest, AnswersHeadWithoutABody) {
  start();
  const std::string heard = ask({"HEAD /hello/a HTTP/1.1\r\n" + kClose + "\r\n"});
  EXPECT_THAT(heard, HasSubstr("Content-Length: 27\r\n"));
  EXPECT_TRUE(heard.ends_with("\r\n\r\n")) << heard;
}

boost::json::value error_of(const std::string& heard) {
  return boost::json::parse(heard.substr(heard.find("\r\n\r\n") + 4)).at("error");
}

TEST_F(ServerTest, SaysInJsonWhatIsWrong) {
  start();
  std::string heard = ask({"GET /nowhere HTTP/1.1\r\n" + kClose + "\r\n"});
  EXPECT_THAT(heard, StartsWith("HTTP/1.1 404 Not Found\r\n"));
  EXPECT_EQ(error_of(heard).at("code"), "not_found");

  heard = ask({"DELETE /hello/a HTTP/1.1\r\n" + kClose + "\r\n"});
  EXPECT_THAT(heard, StartsWith("HTTP/1.1 405"));
  EXPECT_THAT(heard, HasSubstr("Allow: OPTIONS, GET, HEAD, POST\r\n"));

  heard = ask({"GET /broken HTTP/1.1\r\n" + kClose + "\r\n"});
  EXPECT_THAT(heard, StartsWith("HTTP/1.1 500"));
  EXPECT_THAT(heard, Not(HasSubstr("secrets")));

  heard = ask({"POST /hello/a HTTP/1.1\r\nHost: h\r\nContent-Length: 101\r\n\r\n" + std::string(101, 'x')});
  EXPECT_THAT(heard, StartsWith("HTTP/1.1 413"));
  EXPECT_EQ(error_of(heard).at("code"), "body_too_large");

  heard = ask({"not HTTP at all\r\n\r\n"});
  EXPECT_THAT(heard, StartsWith("HTTP/1.1 400"));
  EXPECT_EQ(error_of(heard).at("code"), "bad_request");
}

TEST_F(ServerTest, AsksForABodyThatWaitsToBeAskedFor) {
  start();
  const std::string header =
      "POST /hello/a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n" + kClose + "\r\n";
  const std::string heard = ask({header, "ok"});
  EXPECT_THAT(heard, StartsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(heard, HasSubstr(": ok for a"));
}

TEST_F(ServerTest, WaitsForNobodyForLong) {
  start({.idle = 30ms, .request = 30ms});
  EXPECT_EQ(ask({}), "");
  EXPECT_THAT(ask({"GET /hel"}), StartsWith("HTTP/1.1 408"));
  EXPECT_THAT(ask({"POST /hello/a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nx"}), StartsWith("HTTP/1.1 408"));
}

TEST_F(ServerTest, EndsAConnectionAfterItsRequests) {
  start({.requests_per_connection = 2});
  const std::string get = "GET /hello/a HTTP/1.1\r\nHost: h\r\n\r\n";
  ask({get + get + get});
  EXPECT_EQ(seen(), "GET /hello/{name} 200\nGET /hello/{name} 200\n");
}

TEST_F(ServerTest, TakesOnlySoManyConnectionsOfOneAddress) {
  start({.connections_per_address = 0});
  EXPECT_THAT(ask({"GET /hello/a HTTP/1.1\r\n" + kClose + "\r\n"}), StartsWith("HTTP/1.1 429"));
}

TEST_F(ServerTest, SeesThroughTrustedProxiesOnly) {
  const std::string get =
      "GET /hello/a HTTP/1.1\r\nX-Forwarded-For: 192.0.2.66, 192.0.2.7\r\nX-Forwarded-Proto: https\r\n" + kClose +
      "\r\n";
  start();
  EXPECT_THAT(ask({get}), HasSubstr("GET from 127.0.0.1:"));
  start({.connections_per_address = 0, .trusted_proxies = {"127.0.0.1"}});
  EXPECT_THAT(ask({get}), HasSubstr("GET from 192.0.2.7 securely:"));
}

TEST_F(ServerTest, SpeaksTlsAndTakesARenewedCertificate) {
  const auto make = [] {
    const auto own = net::make_self_signed("localhost");
    return std::shared_ptr<net::TlsServerContext>(net::TlsServerContext::create(own.certificate, own.key).value());
  };
  const auto client = net::TlsClientContext::create().value();
  start({}, make());
  const std::string get = "GET /hello/a HTTP/1.1\r\n" + kClose + "\r\n";
  std::string heard = ask({get}, client.get());
  EXPECT_THAT(heard, HasSubstr("GET from 127.0.0.1 securely:"));
  EXPECT_THAT(heard, HasSubstr("Strict-Transport-Security: max-age="));
  server_->renew(make());
  heard = ask({get}, client.get());
  EXPECT_THAT(heard, StartsWith("HTTP/1.1 200 OK"));
}

TEST_F(ServerTest, DrainsAtOnceWhoWaitsForNothing) {
  start({.idle = 60'000ms});
  net::Runtime clients({.threads = 1, .workers = 1});
  clients.spawn([](net::Endpoint at) -> net::Task<> { (void)co_await talk(at, {}, nullptr); }(server_->at()));
  while (server_->connections() == 0) std::this_thread::yield();
  server_->drain();
  EXPECT_TRUE(runtime_.close(5000ms));  // without being interrupted
  EXPECT_EQ(server_->connections(), 0U);
}

TEST(Response, LetsNoFieldBeginAnother) {
  Response response;
  response.fields.add("Location", "/a\r\nSet-Cookie: x=y");
  EXPECT_THAT(head_of(response, {}), Not(HasSubstr("Set-Cookie")));
}

TEST(Response, WritesDatesAsHttpDoes) {
  EXPECT_EQ(http_date(base::from_stored(784111777000)), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(Json, IsReadToACertainDepth) {
  EXPECT_TRUE(parse_json(R"({"a": [1]})").ok());
  EXPECT_FALSE(parse_json("{").ok());
  EXPECT_FALSE(parse_json(std::string(100, '[') + std::string(100, ']')).ok());
}

}  // namespace
}  // namespace todoku::http
