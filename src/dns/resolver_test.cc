#include "dns/resolver.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>

#include "dns/fake_name_server.h"
#include "dns/observed.h"

namespace todoku::dns {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

class ResolverTest : public ::testing::Test {
 protected:
  MailHosts hosts(const std::string& domain) { return net::run(runtime_, resolver().mail_hosts(domain)); }

  Resolver& resolver() {
    if (!resolver_) {
      if (options_.servers.empty()) options_.servers = {server_.at()};
      options_.random = [] { return 0; };
      resolver_ = make_resolver(runtime_, options_).value();
    }
    return *resolver_;
  }

  net::Runtime runtime_{{.threads = 2, .workers = 1}};
  FakeNameServer server_;
  ResolverOptions options_;
  std::unique_ptr<Resolver> resolver_;
};

std::vector<std::string> names(const MailHosts& found) {
  std::vector<std::string> out;
  for (const auto& host : found.hosts) out.push_back(host.name);
  return out;
}

TEST_F(ResolverTest, MailHostsInOrderWithAddresses) {
  server_.mx("many.test", 30, "c.many.test");
  server_.mx("many.test", 10, "A.many.test");
  server_.mx("many.test", 20, "b.many.test");
  server_.a("a.many.test", "192.0.2.1");
  server_.aaaa("a.many.test", "2001:db8::1");
  options_.ipv6 = true;
  server_.a("b.many.test", "192.0.2.2");
  server_.a("c.many.test", "192.0.2.3");
  auto found = hosts("many.test");
  ASSERT_EQ(found.status, Status::ok) << found.detail;
  EXPECT_THAT(names(found), ElementsAre("a.many.test", "b.many.test", "c.many.test"));
  EXPECT_THAT(found.hosts[0].addresses, ElementsAre("192.0.2.1", "2001:db8::1"));
  EXPECT_EQ(found.hosts[1].preference, 20);
  EXPECT_FALSE(found.implicit || found.hosts[0].secure);
}

TEST_F(ResolverTest, WithoutIpv6OnlyHostsThatHaveNothingElseAreAskedForIt) {
  options_.ipv6 = false;
  server_.a("both.test", "192.0.2.1");
  server_.aaaa("both.test", "2001:db8::1");
  server_.aaaa("new.test", "2001:db8::2");
  EXPECT_THAT(net::run(runtime_, resolver().addresses("both.test")).records, ElementsAre("192.0.2.1"));
  EXPECT_THAT(net::run(runtime_, resolver().addresses("new.test")).records, ElementsAre("2001:db8::2"));
  EXPECT_EQ(net::run(runtime_, resolver().addresses("nosuch.test")).status, Status::no_domain);
}

TEST_F(ResolverTest, IsObservedWithoutBeingChanged) {
  server_.mx("one.test", 10, "mx.one.test");
  server_.a("mx.one.test", "192.0.2.1");
  server_.txt("one.test", {"text"});
  resolver();
  std::vector<std::string> seen;
  const auto counted = observed(std::move(resolver_), [&seen](std::string_view type, Status status, base::Duration) {
    seen.push_back(std::string(type) + " " + std::string(to_string(status)));
  });
  EXPECT_THAT(names(net::run(runtime_, counted->mail_hosts("one.test"))), ElementsAre("mx.one.test"));
  EXPECT_THAT(net::run(runtime_, counted->txt("one.test")).records, ElementsAre("text"));
  EXPECT_EQ(net::run(runtime_, counted->addresses("nosuch.test")).status, Status::no_domain);
  EXPECT_THAT(seen, ElementsAre("mx " + std::string(to_string(Status::ok)), "txt " + std::string(to_string(Status::ok)),
                                "address " + std::string(to_string(Status::no_domain))));
}

TEST_F(ResolverTest, FallsBackToTheDomainsOwnAddress) {
  server_.a("plain.test", "192.0.2.9");
  auto found = hosts("PLAIN.test");
  ASSERT_EQ(found.status, Status::ok) << found.detail;
  EXPECT_TRUE(found.implicit);
  EXPECT_THAT(names(found), ElementsAre("plain.test"));
  server_.txt("nothing.test", {"no mail here"});
  EXPECT_EQ(hosts("nothing.test").status, Status::no_data);
}

TEST_F(ResolverTest, TellsFailuresApart) {
  server_.mx("null.test", 0, ".");
  EXPECT_EQ(hosts("null.test").status, Status::null_mx);
  EXPECT_EQ(hosts("nosuch.test").status, Status::no_domain);
  server_.fail("broken.test", 2);
  auto broken = hosts("broken.test");
  EXPECT_EQ(broken.status, Status::server_failure);
  EXPECT_TRUE(temporary(broken.status));
  EXPECT_FALSE(temporary(Status::no_domain) || temporary(Status::null_mx));
  EXPECT_EQ(hosts("").status, Status::bad_name);
  EXPECT_EQ(hosts("a..b").status, Status::bad_name);
  EXPECT_EQ(hosts(std::string(10'000, 'a')).status, Status::bad_name);
}

TEST_F(ResolverTest, AServerThatDoesNotRecurseHasNotSaidThatThereIsNothing) {
  server_.refer("elsewhere.test");
  auto found = hosts("elsewhere.test");
  EXPECT_TRUE(temporary(found.status)) << to_string(found.status);
}

TEST_F(ResolverTest, SilenceEndsAtTheLimit) {
  options_.limit = 200ms;
  server_.stay_silent("silent.test");
  auto found = hosts("silent.test");
  EXPECT_EQ(found.status, Status::timeout);
  EXPECT_NE(found.detail.find("silent.test"), std::string::npos);
}

TEST_F(ResolverTest, HostsWithoutAddressAreLeftOut) {
  server_.mx("half.test", 10, "gone.half.test");
  server_.mx("half.test", 20, "here.half.test");
  server_.a("here.half.test", "192.0.2.4");
  EXPECT_THAT(names(hosts("half.test")), ElementsAre("here.half.test"));
  server_.mx("none.test", 10, "gone.none.test");
  EXPECT_EQ(hosts("none.test").status, Status::no_data);
  server_.mx("later.test", 10, "gone.later.test");
  server_.mx("later.test", 20, "broken.later.test");
  server_.fail("broken.later.test", 2);
  auto later = hosts("later.test");
  EXPECT_EQ(later.status, Status::server_failure);
  EXPECT_NE(later.detail.find("gone.later.test: no such domain"), std::string::npos) << later.detail;
}

TEST_F(ResolverTest, FollowsCnames) {
  server_.mx("alias.test", 10, "mail.alias.test");
  server_.cname("mail.alias.test", "real.other.test");
  server_.a("real.other.test", "192.0.2.5");
  auto found = hosts("alias.test");
  ASSERT_EQ(found.status, Status::ok) << found.detail;
  EXPECT_THAT(found.hosts[0].addresses, ElementsAre("192.0.2.5"));
  server_.cname("www.test", "many.www.test");
  server_.mx("many.www.test", 5, "real.other.test");
  EXPECT_THAT(names(hosts("www.test")), ElementsAre("real.other.test"));
}

TEST_F(ResolverTest, AddressLiterals) {
  EXPECT_THAT(hosts("[192.0.2.1]").hosts.at(0).addresses, ElementsAre("192.0.2.1"));
  EXPECT_THAT(hosts("[IPv6:2001:db8::1]").hosts.at(0).addresses, ElementsAre("2001:db8::1"));
  EXPECT_EQ(hosts("[mail]").status, Status::bad_name);
}

TEST_F(ResolverTest, TxtTlsaAndPtr) {
  server_.txt("txt.test", {"v=spf1 ", "-all"});
  server_.truncate("txt.test");  // comes by TCP
  EXPECT_THAT(net::run(runtime_, resolver().txt("txt.test")).records, ElementsAre("v=spf1 -all"));
  server_.add("_25._tcp.mx.test", 52, std::string("\3\1\1\xab\xcd", 5));
  auto tlsa = net::run(runtime_, resolver().tlsa("_25._tcp.mx.test"));
  ASSERT_EQ(tlsa.records.size(), 1U);
  EXPECT_EQ(tlsa.records[0].usage, 3);
  EXPECT_EQ(tlsa.records[0].data, "\xab\xcd");
  EXPECT_FALSE(tlsa.secure);
  server_.ptr("7.0.0.10.in-addr.arpa", "mail.test");
  EXPECT_THAT(net::run(runtime_, resolver().ptr("10.0.0.7")).records, ElementsAre("mail.test"));
  EXPECT_EQ(net::run(runtime_, resolver().ptr("mail")).status, Status::bad_name);
}

TEST_F(ResolverTest, AnswersFromItsCache) {
  server_.mx("cached.test", 10, "mx.cached.test");
  server_.a("mx.cached.test", "192.0.2.7");
  hosts("cached.test");
  auto asked = server_.questions();
  EXPECT_EQ(hosts("cached.test").status, Status::ok);
  EXPECT_EQ(server_.questions(), asked);
}

TEST_F(ResolverTest, ManyQuestionsAtOnce) {
  struct Ask {
    static net::Task<> it(Resolver& resolver, std::string domain, std::atomic<int>& good) {
      if ((co_await resolver.mail_hosts(std::move(domain))).status == Status::ok) ++good;
    }
  };
  std::atomic<int> good = 0;
  for (int i = 0; i < 300; ++i) {
    auto domain = "d" + std::to_string(i) + ".test";
    server_.mx(domain, 10, "mx." + domain);
    server_.a("mx." + domain, "192.0.2.8");
  }
  for (int i = 0; i < 300; ++i) runtime_.spawn(Ask::it(resolver(), "d" + std::to_string(i) + ".test", good));
  EXPECT_TRUE(runtime_.close(20s));
  EXPECT_EQ(good, 300);
}

TEST_F(ResolverTest, ClosingEndsWhatIsAsked) {
  struct Ask {
    static net::Task<> it(Resolver& resolver, Status& status) {
      status = (co_await resolver.mail_hosts("silent.test")).status;
    }
  };
  server_.stay_silent("silent.test");
  auto status = Status::ok;
  runtime_.spawn(Ask::it(resolver(), status));
  EXPECT_TRUE(runtime_.close(50ms));
  EXPECT_TRUE(temporary(status)) << to_string(status);
}

/// A zone of its own that is signed; what is outside has no trust anchor.
class DnssecTest : public ResolverTest {
 protected:
  DnssecTest() {
    options_.trust_anchor_file = anchor_;
    server_.sign("signed.test", anchor_);
    server_.mx("signed.test", 10, "mx.signed.test");
    server_.a("mx.signed.test", "192.0.2.1");
    server_.add("_25._tcp.mx.signed.test", 52, std::string("\3\1\1\xab", 4));
  }
  ~DnssecTest() override {
    resolver_.reset();
    std::filesystem::remove(anchor_);
  }
  Records<TlsaRecord> tlsa(const std::string& host) { return net::run(runtime_, resolver().tlsa("_25._tcp." + host)); }

  std::string anchor_ = std::filesystem::temp_directory_path() / ("anchor." + std::to_string(::getpid()));
};

TEST_F(DnssecTest, WhatIsSignedIsSecure) {
  auto found = hosts("signed.test");
  ASSERT_EQ(found.status, Status::ok) << found.detail;
  EXPECT_TRUE(found.hosts.at(0).secure);
  auto records = tlsa("mx.signed.test");
  EXPECT_EQ(records.status, Status::ok);
  EXPECT_TRUE(records.secure);
  EXPECT_EQ(records.records.size(), 1U);
}

TEST_F(DnssecTest, ThatThereIsNothingIsSecure) {
  server_.a("bare.signed.test", "192.0.2.2");
  auto none = tlsa("bare.signed.test");
  EXPECT_EQ(none.status, Status::no_data);
  EXPECT_TRUE(none.secure);
}

TEST_F(DnssecTest, WhatIsOutsideIsNot) {
  server_.mx("plain.test", 10, "mx.plain.test");
  server_.a("mx.plain.test", "192.0.2.3");
  server_.add("_25._tcp.mx.plain.test", 52, std::string("\3\1\1\xab", 4));
  EXPECT_FALSE(hosts("plain.test").hosts.at(0).secure);
  auto records = tlsa("mx.plain.test");
  EXPECT_EQ(records.status, Status::ok);
  EXPECT_FALSE(records.secure);
  server_.mx("mixed.signed.test", 10, "mx.plain.test");  // a signed domain at an unsigned host
  EXPECT_FALSE(hosts("mixed.signed.test").hosts.at(0).secure);
  server_.mx("mixed.test", 10, "mx.signed.test");  // and the other way round
  EXPECT_FALSE(hosts("mixed.test").hosts.at(0).secure);
}

TEST_F(DnssecTest, ForgeriesAreBogusAndTemporary) {
  server_.forge("_25._tcp.mx.signed.test");
  EXPECT_EQ(tlsa("mx.signed.test").status, Status::bogus);
  EXPECT_TRUE(temporary(Status::bogus));
  server_.forge("_25._tcp.bare.signed.test");  // a denial
  EXPECT_EQ(tlsa("bare.signed.test").status, Status::bogus);
  server_.mx("forged.signed.test", 10, "mx.signed.test");
  server_.forge("forged.signed.test");
  EXPECT_EQ(hosts("forged.signed.test").status, Status::bogus);
}

TEST_F(ResolverTest, BadConfigurationIsRefused) {
  ResolverOptions options;
  options.servers = {"no address"};
  EXPECT_FALSE(make_resolver(runtime_, options).ok());
  options.servers = {"127.0.0.1"};
  options.trust_anchor_file = "/nowhere/root.key";
  EXPECT_FALSE(make_resolver(runtime_, options).ok());
}

}  // namespace
}  // namespace todoku::dns
