#include "delivery/transport.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <map>

#include "authentication/tls_result_store.h"
#include "delivery/sts_policies.h"
#include "delivery/tls_results.h"
#include "net/https_client.h"
#include "net/listener.h"
#include "net/runtime.h"
#include "net/test_certificates.h"
#include "net/tls.h"
#include "store/test_store.h"

namespace todoku::delivery {
namespace {

using namespace std::chrono_literals;
using authentication::PolicyKind;
using authentication::TlsLevel;
using dns::Status;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

/// DNS from tables; what is not in them does not exist, and that is validated.
class TableResolver final : public dns::Resolver {
 public:
  std::map<std::string, std::string> txts;
  std::map<std::string, dns::Records<dns::TlsaRecord>> tlsas;
  std::string web_address = "127.0.0.1";

  net::Task<dns::MailHosts> mail_hosts(std::string) override { co_return dns::MailHosts{}; }
  net::Task<dns::Records<std::string>> addresses(std::string) override {
    co_return dns::Records<std::string>{Status::ok, true, {web_address}};
  }
  net::Task<dns::Records<std::string>> txt(std::string name) override {
    const auto found = txts.find(name);
    if (found == txts.end()) co_return dns::Records<std::string>{Status::no_domain, true, {}};
    co_return dns::Records<std::string>{Status::ok, true, {found->second}};
  }
  net::Task<dns::Records<dns::TlsaRecord>> tlsa(std::string name) override {
    const auto found = tlsas.find(name);
    if (found == tlsas.end()) co_return dns::Records<dns::TlsaRecord>{Status::no_domain, true, {}};
    co_return found->second;
  }
  net::Task<dns::Records<std::string>> ptr(std::string) override { co_return dns::Records<std::string>{}; }
};

/// The web server of every domain's policy.
net::Task<> serve_policy(net::Stream stream, net::TlsServerContext* tls, const std::string* answer, int* asked) {
  if (!co_await stream.start_tls(*tls, 5000ms)) co_return;
  std::array<char, 4096> buffer;
  (void)co_await stream.read_some(buffer, 5000ms);
  ++*asked;
  const std::string_view text = *answer;
  (void)co_await stream.write({&text, 1}, 5000ms);
}

std::string web_answer(const std::string& policy, const std::string& head = "200 OK\r\nContent-Type: text/plain") {
  return "HTTP/1.1 " + head + "\r\nContent-Length: " + std::to_string(policy.size()) + "\r\n\r\n" + policy;
}

constexpr const char* kEnforce = "version: STSv1\nmode: enforce\nmx: mx.example.jp\nmax_age: 86400\n";

class TransportTest : public store::StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    file_ = std::filesystem::temp_directory_path() / ("transport." + std::to_string(::getpid()) + ".pem");
    std::ofstream(file_) << authority_.pem();
    https_ = std::make_unique<net::HttpsClient>(net::HttpsOptions{.authorities_file = file_, .allow_private = true});
    listener_.start(
        [this](net::Stream stream) { return serve_policy(std::move(stream), server_.get(), &answer_, &asked_); });
    start();
  }
  void TearDown() override {
    https_.reset();
    runtime_.close(100ms);
    std::filesystem::remove(file_);
    StoreTest::TearDown();
  }

  /// As after a start of the program: memory is empty.
  void start() {
    transport_.reset();
    results_.emplace(store(), clock_, true);
    sts_.emplace(StsPolicies::Parts{resolver_, *https_, store(), clock_, listener_.at().port});
    transport_.emplace(resolver_, &*sts_, &*results_, options_);
  }
  void announce(const std::string& id) { resolver_.txts["_mta-sts.example.jp"] = "v=STSv1; id=" + id + ";"; }
  Route route(const std::vector<std::string>& hosts = {"mx.example.jp"}, bool secure = false) {
    dns::MailHosts found;
    for (const std::string& host : hosts) found.hosts.push_back({10, host, {"192.0.2.1"}, secure});
    return net::run(runtime_, transport_->route("example.jp", found));
  }
  std::vector<std::string> failures() {
    results_->flush();
    std::vector<std::string> found;
    const auto day = authentication::day_of(clock_.now());
    for (const auto& results : authentication::tls_results_of(*store().read(), day, "example.jp")) {
      for (const auto& failure : results.failures) found.push_back(failure.result);
    }
    return found;
  }

  net::TestCertificate authority_ = net::make_certificate("Test authority");
  net::TestCertificate web_ = net::make_certificate("mta-sts.example.jp", &authority_);
  std::filesystem::path file_;
  base::ManualClock clock_{base::Time{500'000h}};
  net::Runtime runtime_{{.threads = 1, .workers = 1}};
  net::Listener listener_ = net::Listener::bind(runtime_, {"127.0.0.1", 0}).value();
  std::unique_ptr<net::TlsServerContext> server_ = net::TlsServerContext::create(web_.pem(), web_.key_pem()).value();
  std::string answer_ = web_answer(kEnforce);
  int asked_ = 0;
  TableResolver resolver_;
  TransportOptions options_;
  std::unique_ptr<net::HttpsClient> https_;
  std::optional<TlsResults> results_;
  std::optional<StsPolicies> sts_;
  std::optional<Transport> transport_;
};
TODOKU_ON_BOTH_ENGINES(TransportTest);

TEST_P(TransportTest, WithoutPoliciesTlsIsOpportunistic) {
  const Route found = route({"mx.example.jp", "mx2.example.jp"}, true);
  ASSERT_THAT(found.targets, SizeIs(2));
  EXPECT_EQ(found.targets[0].security.tls, std::nullopt);
  EXPECT_EQ(found.policies.at("mx.example.jp").policy.kind, PolicyKind::none);
  EXPECT_EQ(asked_, 0);
}

TEST_P(TransportTest, AnEnforcedPolicyIsFetchedOnceAndKept) {
  announce("1");
  const Route found = route({"mx.example.jp", "other.example.jp"});
  ASSERT_THAT(found.targets, SizeIs(1));
  EXPECT_EQ(found.targets[0].security.tls, smtp::TlsMode::required);
  EXPECT_EQ(found.targets[0].security.proof, net::TlsProof::authorities);
  EXPECT_THAT(found.policies.at("mx.example.jp").policy.mx, ElementsAre("mx.example.jp"));
  EXPECT_THAT(failures(), ElementsAre("validation-failure"));  // the other host
  (void)route();
  start();
  resolver_.txts.clear();  // somebody hides the announcement
  EXPECT_EQ(route().targets.at(0).security.proof, net::TlsProof::authorities);
  EXPECT_EQ(asked_, 1);
  clock_.advance(25h);
  EXPECT_EQ(route().targets.at(0).security.proof, net::TlsProof::none);
}

TEST_P(TransportTest, WithoutAListedHostNothingIsSent) {
  announce("1");
  const Route found = route({"evil.example.net"});
  ASSERT_TRUE(found.problem && found.targets.empty());
  EXPECT_EQ(found.problem->reason, bounce::Reason::tls_failed);
  EXPECT_FALSE(found.problem->final);
  EXPECT_THAT(found.problem->text, HasSubstr("evil.example.net is not among the servers"));
}

TEST_P(TransportTest, ANewIdFetchesAndAFailureKeepsTheOld) {
  announce("1");
  (void)route();
  announce("2");
  answer_ = web_answer("", "404 Not Found");
  EXPECT_EQ(route().targets.at(0).security.proof, net::TlsProof::authorities);
  EXPECT_EQ(asked_, 2);
  EXPECT_THAT(failures(), ElementsAre("sts-policy-fetch-error"));
  (void)route();
  EXPECT_EQ(asked_, 2);  // not again at once
  clock_.advance(6min);
  answer_ = web_answer("version: STSv1\nmode: none\nmax_age: 86400\n");
  EXPECT_EQ(route().targets.at(0).security.proof, net::TlsProof::none);
  EXPECT_EQ(asked_, 3);
}

TEST_P(TransportTest, WhatIsNoPolicyIsToldAndAsksForNothing) {
  const std::pair<std::string, std::string> bad[] = {
      {web_answer(kEnforce, "200 OK\r\nContent-Type: text/html"), "sts-policy-invalid"},
      {web_answer("no policy"), "sts-policy-invalid"},
      {web_answer(kEnforce, "301 Moved\r\nLocation: https://mta-sts.example.jp/"), "sts-policy-fetch-error"}};
  for (const auto& [answer, result] : bad) {
    answer_ = answer;
    announce("1");
    EXPECT_EQ(route().targets.at(0).security.tls, std::nullopt);
    EXPECT_THAT(failures(), ::testing::Contains(result)) << answer;
    clock_.advance(6min);
  }
}

TEST_P(TransportTest, DaneWhereDnssecVouchesForTheWay) {
  resolver_.tlsas["_25._tcp.mx.example.jp"] = {Status::ok, true, {web_.tlsa(3, 1)}};
  announce("1");
  const Route found = route({"mx.example.jp"}, true);
  ASSERT_THAT(found.targets, SizeIs(1));
  const auto& security = found.targets[0].security;
  EXPECT_EQ(security.proof, net::TlsProof::dane);
  EXPECT_THAT(security.tlsa, SizeIs(1));
  EXPECT_EQ(security.name, "mx.example.jp");
  EXPECT_THAT(security.other_names, ElementsAre("example.jp"));
  EXPECT_EQ(found.policies.at("mx.example.jp").policy.kind, PolicyKind::tlsa);
  EXPECT_EQ(route({"mx.example.jp"}, false).targets.at(0).security.proof, net::TlsProof::authorities);
}

TEST_P(TransportTest, RecordsThatAreNotValidatedDoNotCount) {
  resolver_.tlsas["_25._tcp.mx.example.jp"] = {Status::ok, false, {web_.tlsa(3, 1)}};
  EXPECT_EQ(route({"mx.example.jp"}, true).targets.at(0).security.proof, net::TlsProof::none);
}

TEST_P(TransportTest, AHostWhoseTlsaCannotBeHadIsPassedOver) {
  for (const Status status : {Status::bogus, Status::server_failure, Status::timeout}) {
    resolver_.tlsas["_25._tcp.mx.example.jp"] = {status, false, {}};
    const Route found = route({"mx.example.jp", "mx2.example.jp"}, true);
    ASSERT_THAT(found.targets, SizeIs(1));
    EXPECT_EQ(found.targets[0].host, "mx2.example.jp");
  }
  EXPECT_THAT(failures(), ElementsAre("dnssec-invalid"));
  const Route none = route({"mx.example.jp"}, true);
  ASSERT_TRUE(none.problem);
  EXPECT_THAT(none.problem->text, HasSubstr("the TLSA records of mx.example.jp cannot be looked up"));
}

TEST_P(TransportTest, TheOperatorsWordForADomain) {
  resolver_.tlsas["_25._tcp.mx.example.jp"] = {Status::bogus, false, {}};
  options_.by_domain = {{".example.jp", TlsLevel::verify}, {"example.jp", TlsLevel::opportunistic}};
  start();
  EXPECT_EQ(route({"mx.example.jp"}, true).targets.at(0).security.tls, smtp::TlsMode::opportunistic);
  options_.by_domain = {{"example.jp", TlsLevel::off}};
  start();
  EXPECT_EQ(route().targets.at(0).security.tls, smtp::TlsMode::off);
  options_.by_domain = {};
  options_.level = TlsLevel::verify;
  start();
  EXPECT_EQ(route().targets.at(0).security.proof, net::TlsProof::authorities);
}

}  // namespace
}  // namespace todoku::delivery
