#include "delivery/own_name.h"

#include <gmock/gmock.h>

#include <map>

#include "net/runtime.h"

namespace todoku::delivery {
namespace {

using dns::Status;
using testing::ElementsAre;
using testing::IsEmpty;

/// DNS from tables; what is not in them does not exist.
class TableResolver final : public dns::Resolver {
 public:
  std::map<std::string, std::vector<std::string>> names;       // of an address
  std::map<std::string, std::vector<std::string>> addresses_;  // of a name
  Status otherwise = Status::no_domain;

  net::Task<dns::MailHosts> mail_hosts(std::string) override { co_return dns::MailHosts{}; }
  net::Task<dns::Records<std::string>> addresses(std::string name) override { co_return in(addresses_, name); }
  net::Task<dns::Records<std::string>> txt(std::string) override { co_return dns::Records<std::string>{}; }
  net::Task<dns::Records<dns::TlsaRecord>> tlsa(std::string) override { co_return dns::Records<dns::TlsaRecord>{}; }
  net::Task<dns::Records<std::string>> ptr(std::string address) override { co_return in(names, address); }

 private:
  [[nodiscard]] dns::Records<std::string> in(const std::map<std::string, std::vector<std::string>>& table,
                                             const std::string& key) const {
    const auto found = table.find(key);
    if (found == table.end()) return {.status = otherwise, .secure = false, .records = {}};
    return {.status = Status::ok, .secure = false, .records = found->second};
  }
};

class OwnNameTest : public testing::Test {
 protected:
  OwnName look_up(const std::string& address = "192.0.2.25", const std::string& helo = "mta1.example.jp") {
    return net::run(runtime_, look_up_own_name(&dns_, address, helo));
  }
  TableResolver dns_;
  net::Runtime runtime_{{.threads = 1, .workers = 1}};
};

TEST_F(OwnNameTest, IsWellWhereNameAndAddressPointAtEachOther) {
  dns_.names["192.0.2.25"] = {"MTA1.example.jp"};
  dns_.names["2001:db8::25"] = {"mta1.example.jp."};
  dns_.addresses_["MTA1.example.jp"] = dns_.addresses_["mta1.example.jp"] =
      dns_.addresses_["mta1.example.jp."] = {"192.0.2.25", "2001:db8:0:0::25"};
  EXPECT_THAT(look_up().faults, IsEmpty());
  EXPECT_THAT(look_up("2001:db8::25").faults, IsEmpty());
}

TEST_F(OwnNameTest, TellsAnAddressWithoutAName) {
  dns_.addresses_["mta1.example.jp"] = {"192.0.2.25"};
  EXPECT_THAT(look_up().faults, ElementsAre(NameFault::no_name));
}

TEST_F(OwnNameTest, TellsANameThatDoesNotPointBack) {
  dns_.names["192.0.2.25"] = {"host-25.isp.example"};
  dns_.addresses_["mta1.example.jp"] = {"192.0.2.25"};
  EXPECT_THAT(look_up().faults, ElementsAre(NameFault::name_elsewhere));
  dns_.addresses_["host-25.isp.example"] = {"192.0.2.99"};
  EXPECT_THAT(look_up().faults, ElementsAre(NameFault::name_elsewhere));
  dns_.addresses_["host-25.isp.example"] = {"192.0.2.99", "192.0.2.25"};
  EXPECT_THAT(look_up().faults, ElementsAre(NameFault::helo_differs));
}

TEST_F(OwnNameTest, TellsAnEhloNameThatIsNotOurs) {
  dns_.names["192.0.2.25"] = {"mta1.example.jp"};
  dns_.addresses_["mta1.example.jp"] = {"192.0.2.25"};
  dns_.addresses_["www.example.jp"] = {"192.0.2.80"};
  EXPECT_THAT(look_up("192.0.2.25", "www.example.jp").faults, ElementsAre(NameFault::helo_elsewhere));
  EXPECT_THAT(look_up("192.0.2.25", "nosuch.example.jp").faults, ElementsAre(NameFault::helo_unknown));
  for (const std::string helo : {"localhost", "[192.0.2.25]", ""}) {
    EXPECT_THAT(look_up("192.0.2.25", helo).faults, ElementsAre(NameFault::helo_unknown)) << helo;
  }
}

TEST_F(OwnNameTest, DoesNotBlameAnybodyWhileDnsIsSilent) {
  dns_.otherwise = Status::timeout;
  EXPECT_THAT(look_up().faults, ElementsAre(NameFault::unanswered));
}

}  // namespace
}  // namespace todoku::delivery
