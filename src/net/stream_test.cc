#include "net/stream.h"

#include <gtest/gtest.h>

#include <array>

#include "net/listener.h"
#include "net/signal.h"
#include "net/tls.h"

namespace todoku::net {
namespace {

using namespace std::chrono_literals;

class StreamTest : public ::testing::Test {
 protected:
  StreamTest() : listener_(Listener::bind(runtime_, {"127.0.0.1", 0}).value()) {}
  ~StreamTest() override { runtime_.close(20ms); }

  Runtime runtime_;
  Listener listener_;
};

Task<std::string> read_all(Stream& stream) {
  std::string all;
  std::array<char, 4096> buffer;
  for (;;) {
    auto got = co_await stream.read_some(buffer, 5000ms);
    if (!got) co_return all;
    all.append(buffer.data(), got.bytes);
  }
}

Task<> echo_all(Stream stream, TlsServerContext* tls) {
  if (tls && !co_await stream.start_tls(*tls, 5000ms)) co_return;
  std::array<char, 4096> buffer;
  std::string heard;
  while (!heard.ends_with('.')) {
    auto got = co_await stream.read_some(buffer, 5000ms);
    if (!got) co_return;
    heard.append(buffer.data(), got.bytes);
  }
  std::string_view all = heard;
  (void)co_await stream.write({&all, 1}, 5000ms);
}

Task<std::string> echoed(Endpoint at, TlsClientContext* tls, std::vector<std::string_view> pieces) {
  auto stream = (co_await Stream::connect(at, {})).value();
  if (tls && !co_await stream.start_tls(*tls, "mx.example", 5000ms)) co_return "TLS: " + stream.error();
  auto sent = co_await stream.write(pieces, 5000ms);
  if (!sent) co_return stream.error();
  co_return co_await read_all(stream);
}

TEST_F(StreamTest, WritesManyPiecesInOrder) {
  listener_.start([](Stream stream) { return echo_all(std::move(stream), nullptr); });
  std::vector<std::string> texts;
  std::string whole;
  for (int i = 0; i < 500; ++i)
    whole += texts.emplace_back(static_cast<std::size_t>(i), static_cast<char>('a' + i % 26));
  std::vector<std::string_view> pieces(texts.begin(), texts.end());
  pieces.emplace_back(".");
  EXPECT_EQ(run(runtime_, echoed(listener_.at(), nullptr, pieces)), whole + ".");
}

TEST_F(StreamTest, IsTheSameOverTls) {
  auto own = make_self_signed("mx.example");
  auto server = TlsServerContext::create(own.certificate, own.key).value();
  auto client = TlsClientContext::create().value();
  listener_.start([&](Stream stream) { return echo_all(std::move(stream), server.get()); });
  std::string big(300'000, 'x');
  for (std::size_t cut : {0UL, 1UL, 16'383UL, 16'384UL, 16'385UL, 100'000UL}) {
    std::vector<std::string_view> pieces = {std::string_view(big).substr(0, cut), std::string_view(big).substr(cut),
                                            "."};
    EXPECT_EQ(run(runtime_, echoed(listener_.at(), client.get(), pieces)), big + ".");
  }
}

TEST(Tls, RefusesAKeyOfAnotherCertificate) {
  auto one = make_self_signed("one.example"), two = make_self_signed("two.example");
  EXPECT_FALSE(TlsServerContext::create(one.certificate, two.key).ok());
  EXPECT_FALSE(TlsServerContext::create("nothing", two.key).ok());
  EXPECT_FALSE(TlsClientContext::create({.authorities_file = "/nowhere.pem"}).ok());
}

struct Timing {
  IoStatus first, second, overall, write;
};

Task<Timing> runs_into_limits(Endpoint at) {
  auto stream = (co_await Stream::connect(at, {})).value();
  std::array<char, 16> buffer;
  Timing seen{};
  seen.first = (co_await stream.read_some(buffer, 10ms)).status;
  std::string_view go = "go";
  (void)co_await stream.write({&go, 1}, 5000ms);
  seen.second = (co_await stream.read_some(buffer, 5000ms)).status;  // a read that timed out spoils nothing
  std::string big(64 << 20, 'x');                                    // more than the sockets buffer
  std::string_view piece = big;
  seen.write = (co_await stream.write({&piece, 1}, 50ms)).status;
  stream.set_overall_limit(30ms);
  seen.overall = (co_await stream.read_some(buffer, 5000ms)).status;
  co_return seen;
}

Task<> answers_once_and_reads_no_more(Stream stream) {
  std::array<char, 2> go;
  (void)co_await stream.read_some(go, 5000ms);
  std::string_view word = "late";
  (void)co_await stream.write({&word, 1}, 5000ms);
  (void)co_await sleep(std::chrono::hours(1));  // until the runtime is closed
}

TEST_F(StreamTest, EveryOperationHasItsLimit) {
  listener_.start([](Stream stream) { return answers_once_and_reads_no_more(std::move(stream)); });
  auto seen = run(runtime_, runs_into_limits(listener_.at()));
  EXPECT_EQ(seen.first, IoStatus::timed_out);
  EXPECT_EQ(seen.second, IoStatus::ok);
  EXPECT_EQ(seen.write, IoStatus::timed_out);
  EXPECT_EQ(seen.overall, IoStatus::timed_out);
}

TEST_F(StreamTest, ConnectErrorsAreValues) {
  auto refused = run(runtime_, Stream::connect({"127.0.0.1", 1}, {}));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, base::ErrorCode::unavailable);
  EXPECT_EQ(run(runtime_, Stream::connect({"mx.example", 25}, {})).error().code, base::ErrorCode::invalid);
  auto source = run(runtime_, Stream::connect(listener_.at(), {.source_address = "192.0.2.1"}));
  EXPECT_EQ(source.error().code, base::ErrorCode::invalid);
  listener_.start([](Stream stream) { return echo_all(std::move(stream), nullptr); });
  auto other = run(runtime_, Stream::connect(listener_.at(), {.source_address = "127.0.0.9"}));
  ASSERT_TRUE(other.ok()) << other.error().text();
  EXPECT_FALSE(Listener::bind(runtime_, listener_.at()).ok());
}

}  // namespace
}  // namespace todoku::net
