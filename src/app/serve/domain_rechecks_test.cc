// That asking DNS ends at once, whenever it is told to: a question under way to a server that never answers, one about
// to be asked, none.
#include "app/serve/domain_rechecks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "app/config.h"
#include "dns/fake_name_server.h"
#include "store/test_store.h"

namespace todoku::app {
namespace {

using Steady = std::chrono::steady_clock;
using namespace std::chrono_literals;

class DomainRechecksTest : public store::StoreTest {
 protected:
  DomainRechecksTest() : config_(*Config::load(place().folder() / "none.toml")) {
    std::string at = names_.at();
    std::ranges::replace(at, '@', ':');
    EXPECT_TRUE(config_.set("dns.stub", at, "test"));
    EXPECT_TRUE(config_.set("stop.dead_domain_days", "1", "test"));
  }

  void watch(const std::string& domain) {
    store().write_now([&](store::Connection& db) {
      db.execute(
          "insert into domain_watch (domain, state, dead_days, answer, since, next_check_at) values (?1, 'suspected', "
          "0, '', 0, 0)",
          {domain});
    });
  }
  void make_all_due() { run("update domain_watch set next_check_at = 0, state = 'suspected', answer = ''"); }
  std::vector<std::string> answers() {
    std::vector<std::string> found;
    const auto db = store().read();
    auto rows = db->query("select answer from domain_watch order by domain");
    while (rows.next()) found.emplace_back(rows.text(0));
    return found;
  }
  std::unique_ptr<DomainRechecks> start() {
    auto started = DomainRechecks::start(config_, store());
    EXPECT_TRUE(started) << started.error().text();
    return *std::move(started);
  }

  dns::FakeNameServer names_;
  Config config_;
};
TODOKU_ON_BOTH_ENGINES(DomainRechecksTest);

TEST_P(DomainRechecksTest, EndWheneverTheyAreToldTo) {
  for (int i = 0; i < 50; ++i) {
    const std::string domain = "d" + std::to_string(i) + ".example";
    if (i % 2 == 0) names_.stay_silent(domain);
    watch(domain);
  }
  std::mt19937 random(1);
  for (int round = 0; round < 30; ++round) {
    make_all_due();
    const auto rechecks = start();
    const auto moment = Steady::now() + std::chrono::microseconds(std::uniform_int_distribution(0, 5'000)(random));
    while (Steady::now() < moment) std::this_thread::yield();
    const auto begun = Steady::now();
    rechecks->stop();
    rechecks->stop();
    EXPECT_LT(Steady::now() - begun, 4s) << "a question that is waited for is dropped";
  }
}

TEST_P(DomainRechecksTest, NotesNothingOfAQuestionThatWasDropped) {
  names_.stay_silent("silent.example");
  watch("silent.example");
  const auto rechecks = start();
  const auto given_up = Steady::now() + 20s;
  while (names_.questions() == 0 && Steady::now() < given_up) std::this_thread::yield();
  ASSERT_GT(names_.questions(), 0);
  rechecks->stop();
  EXPECT_EQ(answers(), std::vector<std::string>{""});
}

TEST_P(DomainRechecksTest, NotesWhatDnsSays) {
  watch("gone.example");
  const auto rechecks = start();
  const auto given_up = Steady::now() + 20s;
  while (answers().front().empty() && Steady::now() < given_up) std::this_thread::yield();
  EXPECT_EQ(answers().front(), dns::to_string(dns::Status::no_domain));
}

}  // namespace
}  // namespace todoku::app
