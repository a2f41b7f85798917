#include "net/tls.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "net/listener.h"
#include "net/test_certificates.h"

namespace todoku::net {
namespace {

using namespace std::chrono_literals;

/// A word from the server, so that the client reads its tickets, too.
Task<> greet(Stream stream, TlsServerContext* tls) {
  if (!co_await stream.start_tls(*tls, 5000ms)) co_return;
  const std::string_view hello = "hello";
  (void)co_await stream.write({&hello, 1}, 5000ms);
  std::array<char, 16> buffer;
  (void)co_await stream.read_some(buffer, 5000ms);
}

struct Seen {
  bool open = false;
  TlsFault fault = TlsFault::none;
  TlsInfo info;
  std::string error;
};

Task<Seen> visit(Endpoint at, TlsClientContext* tls, TlsPeer peer) {
  Seen seen;
  auto stream = (co_await Stream::connect(at, {})).value();
  seen.open = static_cast<bool>(co_await stream.start_tls(*tls, std::move(peer), 5000ms));
  seen.fault = stream.tls_fault();
  seen.error = stream.error();
  if (!seen.open) co_return seen;
  std::array<char, 16> buffer;
  (void)co_await stream.read_some(buffer, 5000ms);
  seen.info = *stream.tls();
  co_return seen;
}

/// A server with a certificate by `authority_`, which the client trusts.
class TlsTest : public ::testing::Test {
 protected:
  TlsTest() : listener_(Listener::bind(runtime_, {"127.0.0.1", 0}).value()) {
    file_ = std::filesystem::temp_directory_path() / ("authority." + std::to_string(::getpid()) + ".pem");
    std::ofstream(file_) << authority_.pem();
    client_ = TlsClientContext::create({.authorities_file = file_}).value();
    listener_.start([this](Stream stream) { return greet(std::move(stream), server_.get()); });
  }
  ~TlsTest() override {
    runtime_.close(20ms);
    std::filesystem::remove(file_);
  }

  /// What the client sees of a server with this certificate, whose chain goes along.
  Seen seen(const TestCertificate& leaf, TlsPeer peer, const TestCertificate* above = nullptr) {
    server_ = TlsServerContext::create(leaf.pem() + (above ? above->pem() : ""), leaf.key_pem()).value();
    if (peer.name.empty()) peer.name = "mx.example";
    peer.place = "here";
    return run(runtime_, visit(listener_.at(), client_.get(), std::move(peer)));
  }
  static TlsPeer dane(std::vector<TlsaRecord> records, std::string name = "mx.example") {
    return {
        .name = std::move(name), .other_names = {}, .proof = TlsProof::dane, .tlsa = std::move(records), .place = {}};
  }
  static TlsPeer authorities(std::string name = "mx.example") {
    return {.name = std::move(name), .other_names = {}, .proof = TlsProof::authorities, .tlsa = {}, .place = {}};
  }

  TestCertificate authority_ = make_certificate("Test authority");
  TestCertificate stranger_ = make_certificate("Another authority");
  TestCertificate good_ = make_certificate("mx.example", &authority_);
  TestCertificate other_name_ = make_certificate("other.example", &authority_);
  TestCertificate expired_ = make_certificate("mx.example", &authority_, -30, -1);
  TestCertificate foreign_ = make_certificate("mx.example", &stranger_);

  std::filesystem::path file_;
  Runtime runtime_{{.threads = 1, .workers = 1}};
  Listener listener_;
  std::unique_ptr<TlsServerContext> server_;
  std::unique_ptr<TlsClientContext> client_;
};

TEST_F(TlsTest, OpportunisticTakesAnyCertificateAndTellsWhatIsWrong) {
  const Seen good = seen(good_, {});
  EXPECT_TRUE(good.open && good.info.verified);
  EXPECT_EQ(good.info.fault, TlsFault::none);
  const Seen name = seen(other_name_, {});
  EXPECT_TRUE(name.open && !name.info.verified);
  EXPECT_EQ(name.info.fault, TlsFault::wrong_name);
  EXPECT_EQ(seen(expired_, {}).info.fault, TlsFault::expired);
  EXPECT_EQ(seen(foreign_, {}).info.fault, TlsFault::untrusted);
}

TEST_F(TlsTest, AuthoritiesProveNameAgeAndIssuer) {
  EXPECT_TRUE(seen(good_, authorities()).open);
  const std::pair<TestCertificate, TlsFault> bad[] = {
      {other_name_, TlsFault::wrong_name}, {expired_, TlsFault::expired}, {foreign_, TlsFault::untrusted}};
  for (const auto& [certificate, fault] : bad) {
    const Seen refused = seen(certificate, authorities());
    EXPECT_FALSE(refused.open);
    EXPECT_EQ(refused.fault, fault);
    EXPECT_NE(refused.error.find("certificate verify failed"), std::string::npos) << refused.error;
  }
}

TEST_F(TlsTest, OneOfSeveralNamesIsEnough) {
  TlsPeer peer = authorities();
  peer.other_names = {"domain.example", "other.example"};
  EXPECT_TRUE(seen(other_name_, peer).open);
}

// RFC 7672 section 3.1.1: neither name nor age nor issuer matter.
TEST_F(TlsTest, DaneEndEntity) {
  for (const auto& certificate : {good_, other_name_, expired_, foreign_}) {
    for (const int selector : {0, 1}) {
      for (const int matching : {0, 1, 2}) {
        const Seen matched = seen(certificate, dane({certificate.tlsa(3, selector, matching)}));
        EXPECT_TRUE(matched.open && matched.info.verified) << selector << matching << matched.error;
      }
    }
  }
  const Seen unmatched = seen(good_, dane({foreign_.tlsa(3, 1), foreign_.tlsa(3, 0)}));
  EXPECT_FALSE(unmatched.open);
  EXPECT_EQ(unmatched.fault, TlsFault::unmatched);
  EXPECT_TRUE(seen(good_, dane({foreign_.tlsa(3, 1), good_.tlsa(3, 1)})).open);  // the next key is announced already
}

// RFC 7672 section 3.1.2: of an issuer the name and the age count; it needs no other trust.
TEST_F(TlsTest, DaneTrustAnchor) {
  EXPECT_TRUE(seen(foreign_, dane({stranger_.tlsa(2, 0)}), &stranger_).open);
  EXPECT_TRUE(seen(foreign_, dane({stranger_.tlsa(2, 1, 2)}), &stranger_).open);
  EXPECT_EQ(seen(foreign_, dane({authority_.tlsa(2, 0)}), &stranger_).fault, TlsFault::unmatched);
  EXPECT_EQ(seen(other_name_, dane({authority_.tlsa(2, 0)}), &authority_).fault, TlsFault::wrong_name);
  EXPECT_EQ(seen(expired_, dane({authority_.tlsa(2, 0)}), &authority_).fault, TlsFault::expired);
  TlsPeer by_domain = dane({authority_.tlsa(2, 1)});
  by_domain.other_names = {"other.example"};  // the domain itself, as RFC 7672 section 3.2.2 has it
  EXPECT_TRUE(seen(other_name_, by_domain, &authority_).open);
}

// RFC 7671 section 9: of a usage and selector, only the strongest digest counts.
TEST_F(TlsTest, DaneDigestAgility) {
  EXPECT_FALSE(seen(good_, dane({good_.tlsa(3, 1, 1), foreign_.tlsa(3, 1, 2)})).open);
  EXPECT_TRUE(seen(good_, dane({foreign_.tlsa(3, 1, 1), good_.tlsa(3, 1, 2)})).open);
}

TEST_F(TlsTest, RecordsThatOpensslCannotUseProveNothing) {
  const Seen any = seen(foreign_, dane({{3, 0, 0, "not a certificate"}}));
  EXPECT_TRUE(any.open);
}

TEST_F(TlsTest, SessionsAreResumedOnlyWhereTheSameWasAsked) {
  EXPECT_FALSE(seen(good_, {}).info.resumed);
  server_ = TlsServerContext::create(good_.pem(), good_.key_pem()).value();
  const auto again = [&](TlsPeer peer, const std::string& place = "here") {
    peer.name = "mx.example";
    peer.place = place;
    return run(runtime_, visit(listener_.at(), client_.get(), std::move(peer)));
  };
  (void)again({});
  EXPECT_TRUE(again({}).info.resumed);
  EXPECT_FALSE(again({}, "elsewhere").info.resumed);
  EXPECT_FALSE(again(authorities()).info.resumed);
  const Seen resumed = again(authorities());
  EXPECT_TRUE(resumed.info.resumed && resumed.info.verified);
  const TlsPeer by_dane = dane({good_.tlsa(3, 1)});
  EXPECT_FALSE(again(by_dane).info.resumed);
  EXPECT_TRUE(again(by_dane).info.resumed);
  EXPECT_FALSE(
      again(dane({foreign_.tlsa(3, 1)})).open);  // the records changed: nothing is resumed, and nothing matches
}

}  // namespace
}  // namespace todoku::net
