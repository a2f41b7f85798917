#include "http/request_parser.h"

#include <gmock/gmock.h>

namespace todoku::http {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using State = RequestParser::State;

/// Feeds the text in pieces; what no request took is left in it.
RequestParser parsed(std::string& text, std::size_t piece, const ParserLimits& limits = {}, std::size_t body = 1000) {
  RequestParser parser(limits);
  std::string input;
  while (parser.state() != State::done && parser.state() != State::bad) {
    const State before = parser.state();
    const std::size_t took = parser.feed(input);
    input.erase(0, took);
    if (before == State::header && parser.state() == State::body) parser.limit_body(body);
    if (took > 0 || parser.state() != before) continue;
    if (text.empty()) break;
    input += text.substr(0, piece);
    text.erase(0, piece);
  }
  text = input + text;
  return parser;
}

RequestParser whole(std::string text) { return parsed(text, text.size()); }

int status_of(const std::string& text) {
  const RequestParser parser = whole(text);
  return parser.state() == State::bad ? parser.bad().status : 0;
}

TEST(RequestParser, ReadsARequestHoweverItsBytesCome) {
  const std::string text =
      "POST /a%20b?x=1 HTTP/1.1\r\nHost: h\r\nX-Two:  one \r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\n";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    std::string rest = text;
    RequestParser parser = parsed(rest, piece);
    ASSERT_EQ(parser.state(), State::done) << piece;
    EXPECT_EQ(parser.request().method, Method::post);
    EXPECT_THAT(parser.request().path, ElementsAre("a b"));
    EXPECT_THAT(parser.request().query.all(), ElementsAre(Pair("x", "1")));
    EXPECT_EQ(parser.request().fields.get("x-two"), "one");
    EXPECT_EQ(parser.request().body, "hello");
    EXPECT_EQ(rest, "GET / HTTP/1.1\r\n");
    EXPECT_TRUE(parser.keep_alive());
  }
}

TEST(RequestParser, JoinsChunksAndDropsTrailers) {
  RequestParser parser = whole(
      "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: "
      "9\r\n\r\n");
  ASSERT_EQ(parser.state(), State::done) << parser.bad().message;
  EXPECT_EQ(parser.request().body, "abcde");
  EXPECT_FALSE(parser.request().fields.has("X-Sum"));
}

TEST(RequestParser, KnowsWhoseConnectionGoesOn) {
  EXPECT_FALSE(whole("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").keep_alive());
  EXPECT_FALSE(whole("GET / HTTP/1.0\r\n\r\n").keep_alive());
  EXPECT_TRUE(whole("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keep_alive());
}

TEST(RequestParser, RefusesWhatTwoReadersReadDifferently) {
  const std::string begin = "POST / HTTP/1.1\r\nHost: h\r\n";
  const std::string chunk = "\r\n0\r\n\r\n";
  EXPECT_EQ(status_of(begin + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"), 400);
  EXPECT_EQ(status_of(begin + "Content-Length: 1, 2\r\n\r\nab"), 400);
  EXPECT_EQ(status_of(begin + "Content-Length: +1\r\n\r\na"), 400);
  EXPECT_EQ(status_of(begin + "Content-Length: 0x1\r\n\r\na"), 400);
  EXPECT_EQ(status_of(begin + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n" + chunk), 400);
  EXPECT_EQ(status_of(begin + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n" + chunk), 400);
  EXPECT_EQ(status_of(begin + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n" + chunk), 400);
  for (const char* coding : {"gzip", "gzip, chunked", "chunked, gzip", "xchunked", "", "identity"}) {
    EXPECT_EQ(status_of(begin + "Transfer-Encoding: " + coding + "\r\n" + chunk), 501) << coding;
  }
  EXPECT_EQ(status_of("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n" + chunk), 400);
  EXPECT_EQ(status_of(begin + "Transfer-Encoding : chunked\r\n" + chunk), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.1\nHost: h\n\n"), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: h\r\nA: b\nC: d\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(status_of(begin + "Transfer-Encoding: chunked\r\n\r\n-1\r\na\r\n0\r\n\r\n"), 400);
  EXPECT_EQ(status_of(begin + "Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n"), 400);
}

TEST(RequestParser, SaysWhatIsWrong) {
  EXPECT_EQ(status_of("BREW / HTTP/1.1\r\nHost: h\r\n\r\n"), 501);
  EXPECT_EQ(status_of("GET / HTTP/2.0\r\nHost: h\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET /../x HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
  EXPECT_EQ(status_of("\x16\x03\x01\x02\r\n\r\n"), 400);
  EXPECT_EQ(whole("GET /% HTTP/1.1\r\nHost: h\r\n\r\n").bad().code, "bad_target");
  EXPECT_THAT(whole("nonsense\r\n\r\n").bad().message, HasSubstr("no HTTP/1.1"));
}

TEST(RequestParser, KeepsItsLimits) {
  const std::string begin = "POST / HTTP/1.1\r\nHost: h\r\n";
  EXPECT_EQ(status_of(begin + "A: " + std::string(17'000, 'x') + "\r\n\r\n"), 431);
  EXPECT_EQ(status_of(begin + std::string(17'000, 'x')), 431);  // without an end in sight
  std::string fields;
  for (int i = 0; i < 200; ++i) fields += "a: b\r\n";
  EXPECT_EQ(status_of(begin + fields + "\r\n"), 431);
  EXPECT_EQ(status_of(begin + "Content-Length: 1001\r\n\r\n"), 413);
  EXPECT_EQ(status_of(begin + "Content-Length: 18446744073709551615\r\n\r\n"), 413);
  EXPECT_EQ(status_of(begin + "Transfer-Encoding: chunked\r\n\r\n3e9\r\n"), 413);
  EXPECT_EQ(status_of(begin + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"), 413);
  const std::string chunk = "190\r\n" + std::string(400, 'x') + "\r\n";
  EXPECT_EQ(status_of(begin + "Transfer-Encoding: chunked\r\n\r\n" + chunk + chunk + chunk), 413);
}

}  // namespace
}  // namespace todoku::http
