#include "net/https_client.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "net/listener.h"
#include "net/public_address.h"
#include "net/runtime.h"
#include "net/signal.h"
#include "net/test_certificates.h"
#include "net/tls.h"

namespace todoku::net {
namespace {

using namespace std::chrono_literals;
using base::ErrorCode;

/// A web server over TLS that reads one request and says `answer`; nothing where that is empty.
Task<> answer_once(Stream stream, TlsServerContext* tls, const std::string* answer, std::string* asked) {
  if (!co_await stream.start_tls(*tls, 5000ms)) co_return;
  std::array<char, 4096> buffer;
  asked->clear();
  while (asked->find("\r\n\r\n") == std::string::npos) {
    const auto got = co_await stream.read_some(buffer, 5000ms);
    if (!got) co_return;
    asked->append(buffer.data(), got.bytes);
  }
  if (answer->empty()) {
    (void)co_await stream.read_some(buffer, 5000ms);
    co_return;
  }
  const std::string_view text = *answer;
  (void)co_await stream.write({&text, 1}, 5000ms);
}

class HttpsClientTest : public ::testing::Test {
 protected:
  HttpsClientTest() : listener_(Listener::bind(runtime_, {"127.0.0.1", 0}).value()) {
    file_ = std::filesystem::temp_directory_path() / ("https." + std::to_string(::getpid()) + ".pem");
    std::ofstream(file_) << authority_.pem();
    options_ = {.authorities_file = file_, .allow_private = true};
    listener_.start([this](Stream stream) { return answer_once(std::move(stream), server_.get(), &answer_, &asked_); });
  }
  ~HttpsClientTest() override {
    runtime_.close(20ms);
    std::filesystem::remove(file_);
  }

  HttpsQuestion question(const std::string& host = "mta-sts.example") {
    HttpsQuestion asked;
    asked.place = {.host = host, .port = listener_.at().port, .path = "/.well-known/mta-sts.txt"};
    asked.addresses = {"127.0.0.1"};
    asked.limit = 5000ms;
    return asked;
  }
  base::Result<HttpsAnswer> ask(HttpsQuestion asked) {
    HttpsClient client(options_);
    return run(runtime_, client.ask(std::move(asked)));
  }

  TestCertificate authority_ = make_certificate("Test authority");
  TestCertificate own_ = make_certificate("mta-sts.example", &authority_);
  std::filesystem::path file_;
  Runtime runtime_{{.threads = 1, .workers = 1}};
  Listener listener_;
  std::unique_ptr<TlsServerContext> server_ = TlsServerContext::create(own_.pem(), own_.key_pem()).value();
  std::string answer_ = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello";
  std::string asked_;
  HttpsOptions options_;
};

TEST_F(HttpsClientTest, FetchesFromTheAddressGiven) {
  const auto got = ask(question());
  ASSERT_TRUE(got) << got.error().text();
  EXPECT_EQ(got->status, 200);
  EXPECT_EQ(got->content_type, "text/plain");
  EXPECT_EQ(got->body, "hello");
  EXPECT_TRUE(asked_.starts_with("GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: mta-sts.example:")) << asked_;
}

TEST_F(HttpsClientTest, RedirectionsAreAnswersAndNotFollowed) {
  answer_ = "HTTP/1.1 301 Moved\r\nLocation: https://127.0.0.1/\r\nContent-Length: 0\r\n\r\n";
  const auto got = ask(question());
  ASSERT_TRUE(got) << got.error().text();
  EXPECT_EQ(got->status, 301);
}

TEST_F(HttpsClientTest, TheCertificateMustBearTheName) {
  const auto got = ask(question("mta-sts.other"));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::refused);
}

TEST_F(HttpsClientTest, TheCertificateMustBeTrusted) {
  options_.authorities_file = {};
  const auto got = ask(question());
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::refused);
}

TEST_F(HttpsClientTest, AnAddressInsideIsRefused) {
  options_.allow_private = false;
  const auto got = ask(question());
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::refused);
  EXPECT_TRUE(asked_.empty());
}

TEST_F(HttpsClientTest, LargeAnswersAndSilenceHaveLimits) {
  answer_ = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + std::string(100'000, 'x');
  const auto large = ask(question());
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, ErrorCode::limit);
  answer_ = "";
  auto silent = question();
  silent.limit = 300ms;
  const auto none = ask(silent);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::unavailable);
}

TEST_F(HttpsClientTest, PostsABody) {
  auto report = question();
  report.content_type = "application/tlsrpt+gzip";
  report.body = std::string("\x1f\x8b\0x", 4);
  const auto got = ask(report);
  ASSERT_TRUE(got) << got.error().text();
  EXPECT_TRUE(asked_.starts_with("POST ")) << asked_;
  EXPECT_NE(asked_.find("Content-Type: application/tlsrpt+gzip\r\n"), std::string::npos) << asked_;
}

Task<> nothing() { co_return; }

Task<> ask_and_note(HttpsClient* client, HttpsQuestion question, bool* failed) {
  *failed = !co_await client->ask(std::move(question));
}

TEST_F(HttpsClientTest, WhatIsUnderWayEndsWithTheClient) {
  answer_ = "";
  bool failed = false;
  auto client = std::make_unique<HttpsClient>(options_);
  runtime_.spawn(ask_and_note(client.get(), question(), &failed));
  runtime_.run(nothing());  // behind it on the one thread: now it is under way
  client.reset();
  EXPECT_TRUE(runtime_.close(5000ms));
  EXPECT_TRUE(failed);
}

TEST(HttpsUrl, IsTakenApart) {
  const auto place = parse_https_url("https://reports.example:8443/v1/tls?a=b");
  ASSERT_TRUE(place);
  EXPECT_EQ(place->host, "reports.example");
  EXPECT_EQ(place->port, 8443);
  EXPECT_EQ(place->path, "/v1/tls?a=b");
  EXPECT_EQ(parse_https_url("https://reports.example")->port, 443);
  for (const char* bad :
       {"http://a.example/", "https://user@a.example/", "ftp://a.example", "", "https://", "mailto:a@b"}) {
    EXPECT_FALSE(parse_https_url(bad)) << bad;
  }
}

TEST(PublicAddress, InsideAndOutside) {
  for (const char* inside : {"127.0.0.1",
                             "10.1.2.3",
                             "172.31.255.255",
                             "192.168.0.1",
                             "169.254.169.254",
                             "100.64.0.1",
                             "0.0.0.0",
                             "224.0.0.1",
                             "255.255.255.255",
                             "192.0.2.1",
                             "::1",
                             "::",
                             "fe80::1",
                             "fc00::1",
                             "::ffff:127.0.0.1",
                             "64:ff9b::7f00:1",
                             "2002:7f00:1::",
                             "2001:db8::1",
                             "2001::1",
                             "ff02::1",
                             "mta-sts.example",
                             ""}) {
    EXPECT_FALSE(is_public_address(inside)) << inside;
  }
  for (const char* outside :
       {"8.8.8.8", "172.32.0.1", "100.128.0.1", "2a00:1450::1", "::ffff:8.8.8.8", "2001:4860::8888"}) {
    EXPECT_TRUE(is_public_address(outside)) << outside;
  }
}

}  // namespace
}  // namespace todoku::net
