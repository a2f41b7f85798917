// Parts of the daemon that need no process of their own; tests/e2e/serve_test.py runs the whole.
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <set>

#include "app/config.h"
#include "app/serve/access_gate.h"
#include "app/serve/daemon.h"
#include "app/serve/health.h"
#include "app/serve/listen_address.h"
#include "app/serve/service_manager.h"
#include "app/serve/tls_reports.h"
#include "app/serve/unsubscribe_pages.h"

namespace todoku::app {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(ListenAddress, IsAnAddressWithAPort) {
  const auto parsed = [](std::string_view text) {
    const auto at = parse_listen_address(text);
    return at ? at->address + " " + std::to_string(at->port) : "error";
  };
  EXPECT_EQ(parsed("127.0.0.1:8025"), "127.0.0.1 8025");
  EXPECT_EQ(parsed("[::1]:0"), "::1 0");
  EXPECT_EQ(parsed("443"), ":: 443");
  EXPECT_EQ(parsed(":443"), ":: 443");
  for (const char* wrong :
       {"", "localhost:80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:8x", "[::1]"}) {
    EXPECT_EQ(parsed(wrong), "error") << wrong;
  }
}

TEST(Roles, AreThoseThatThereAre) {
  const auto parse = [](std::vector<std::string> words) { return parse_roles(words); };
  EXPECT_THAT(parse({"web", "delivery", "web"}).value(), ElementsAre(Role::delivery, Role::web));
  EXPECT_FALSE(parse({"web", "kitchen"}).ok());
  EXPECT_FALSE(parse({}).ok());
}

TEST(TlsReports, AreSentAtAMomentOfTheirOwnEachDay) {
  constexpr std::int64_t kDay = 20'000;
  const base::Time midnight = base::from_stored(kDay * authentication::kDayMs);
  std::set<base::Time> moments;
  for (const char* sender : {"tls@a.test", "tls@b.test", "tls@c.test"}) {
    const base::Time due = reports_due(kDay, sender, std::chrono::hours(4));
    EXPECT_GE(due, midnight);
    EXPECT_LT(due, midnight + std::chrono::hours(4));
    EXPECT_EQ(due, reports_due(kDay, sender, std::chrono::hours(4)));
    moments.insert(due);
  }
  EXPECT_EQ(moments.size(), 3U);
  EXPECT_EQ(reports_due(kDay, "tls@a.test", base::Duration(0)), midnight);
}

TEST(FixedSettings, AreSettings) {
  for (const std::string_view key : fixed_settings()) {
    EXPECT_NE(std::ranges::find(config_keys(), key, &Key::name), config_keys().end()) << key;
  }
}

http::Request from(const std::string& peer, const std::string& authorization = "") {
  http::Request request;
  request.peer = peer;
  if (!authorization.empty()) request.fields.add("Authorization", authorization);
  return request;
}

TEST(AccessGate, AdmitsThisMachineAndWhoHasTheToken) {
  AccessGate gate(base::Secret("abc"));
  EXPECT_TRUE(gate.admits(from("127.0.0.1")));
  EXPECT_TRUE(gate.admits(from("::1")));
  EXPECT_FALSE(gate.admits(from("192.0.2.1")));
  EXPECT_FALSE(gate.admits(from("192.0.2.1", "Bearer abd")));
  EXPECT_FALSE(gate.admits(from("192.0.2.1", "Basic abc")));
  EXPECT_TRUE(gate.admits(from("192.0.2.1", "bearer abc")));
  http::Request proxied = from("127.0.0.1");
  proxied.proxied = true;
  EXPECT_FALSE(gate.admits(proxied));
  gate.set_token({});
  EXPECT_FALSE(gate.admits(from("192.0.2.1", "Bearer ")));
}

TEST(Health, KeepsWhatEachPartSaidLast) {
  Health health;
  EXPECT_THAT(health.troubles(), IsEmpty());
  health.say("a", "x");
  health.say("b", "y");
  health.say("a", "z");
  EXPECT_THAT(health.troubles(), ElementsAre(Pair("a", "z"), Pair("b", "y")));
  health.say("a", "");
  health.say("b", "");
  EXPECT_THAT(health.troubles(), IsEmpty());
}

TEST(Health, IsAliveWhileItsHeartBeats) {
  Health health;
  const base::Time now = base::from_stored(1'000'000'000);
  EXPECT_FALSE(health.alive(now));
  health.beat(now);
  EXPECT_TRUE(health.alive(now + std::chrono::seconds(29)));
  EXPECT_FALSE(health.alive(now + std::chrono::seconds(31)));
}

TEST(Unsubscribing, KnowsOneClickInBothOfItsForms) {
  EXPECT_TRUE(is_one_click("List-Unsubscribe=One-Click"));
  EXPECT_TRUE(
      is_one_click("--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n"));
  EXPECT_FALSE(is_one_click(""));
  EXPECT_FALSE(is_one_click("button="));
}

TEST(Unsubscribing, ShowsNoWholeAddress) {
  EXPECT_EQ(masked("reader@example.jp"), "r•••••@example.jp");
  EXPECT_EQ(masked("届く@example.jp"), "届•••••@example.jp");
  EXPECT_EQ(masked("@"), "•••••");
  EXPECT_EQ(masked("nothing"), "•••••");
}

TEST(ServiceManager, HearsOverAnAbstractSocketToo) {
  const std::string name = "@todoku-test-" + std::to_string(::getpid());
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, name.data() + 1, name.size() - 1);
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM, 0);
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), length), 0);
  ServiceManager(name).ready();
  std::array<char, 32> heard{};
  ASSERT_EQ(::recv(fd, heard.data(), heard.size(), MSG_DONTWAIT), 7);
  EXPECT_STREQ(heard.data(), "READY=1");
  ::close(fd);
  ServiceManager("/nowhere/socket").ready();  // nobody there: nothing happens
  ServiceManager("").ready();
}

}  // namespace
}  // namespace todoku::app
