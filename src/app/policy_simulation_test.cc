#include "app/policy_simulation.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <map>
#include <random>

#include "app/intake_events.h"
#include "app/outcome_events.h"
#include "audience/policy_version.h"
#include "queue/outcomes.h"
#include "store/test_store.h"

namespace todoku::app {
namespace {

using audience::StopRule;
using bounce::Reason;
using testing::IsEmpty;
using testing::Not;
using namespace std::chrono_literals;

constexpr base::Time kNow{1'700'000'000'000ms};
constexpr std::int64_t kReaders = 40, kCampaigns = 14;

/// Something that happens to a mail: an outcome of the session, or a bounce that came later.
struct Happening {
  base::ContactId contact;
  base::CampaignId campaign;
  base::Time at;
  Reason reason = Reason::delivered;
  bool late = false;
  bool proven = true;
};

/// A year of a newsletter, the same for the same seed. Every reader has a domain of its own, so that none errs as a
/// whole.
std::vector<Happening> history(unsigned seed) {
  constexpr auto kReasons =
      std::to_array<Reason>({Reason::delivered, Reason::delivered, Reason::mailbox_full, Reason::mailbox_full,
                             Reason::recipient_refused, Reason::expired, Reason::blocked, Reason::user_unknown});
  std::mt19937 random(seed);
  std::vector<Happening> all;
  for (std::int64_t campaign = 1; campaign <= kCampaigns; ++campaign) {
    for (std::int64_t reader = 1; reader <= kReaders; ++reader) {
      // Some readers are well, and those who are gone are rare.
      Reason reason = reader % 4 == 0 ? Reason::delivered : kReasons.at(random() % kReasons.size());
      if (reason == Reason::user_unknown && random() % 8 != 0) reason = Reason::delivered;
      Happening mail{{reader}, {campaign}, kNow + campaign * 24h + reader * 1s, reason};
      if (random() % 3 == 0 && reason != Reason::delivered) {  // taken first, bounced an hour later
        all.push_back({mail.contact, mail.campaign, mail.at});
        mail.at += 1h;
        mail.late = true;
        mail.proven = random() % 4 != 0;
      }
      all.push_back(mail);
    }
  }
  std::ranges::sort(all, {}, &Happening::at);
  return all;
}

class PolicySimulationTest : public store::StoreTest {
 protected:
  /// Lets it happen: the rows are written, and the stop policy hears of them.
  void live(const std::vector<Happening>& all, const std::vector<StopRule>& rules) {
    store().write_now([&](store::Connection& db) {
      const audience::Fields none;
      for (std::int64_t reader = 1; reader <= kReaders; ++reader) {
        const std::string address = fmt::format("reader@domain-{}.example", reader);
        (void)audience::add_contact(db, {.address = address, .name = "", .fields = none, .consent = "form"}, kNow);
      }
      if (!rules.empty()) (void)audience::add_policy(db, rules, {"", "", kNow});
      OutcomeEvents session{audience::StopPolicy({})};
      IntakeEvents later{audience::StopPolicy({})};
      for (const Happening& one : all) one.late ? bounce(db, later, one) : settle(db, session, one);
    });
  }
  static void settle(store::Connection& db, OutcomeEvents& session, const Happening& one) {
    queue::Outcome outcome;
    outcome.contact = one.contact;
    outcome.campaign = one.campaign;
    outcome.result = one.reason == Reason::delivered ? queue::Result::delivered : queue::Result::failed;
    outcome.at = one.at;
    outcome.reason = one.reason == Reason::delivered ? "" : bounce::to_string(one.reason);
    outcome.site = fmt::format("domain-{}.example", one.contact.value);
    outcome.reply_code = one.reason == Reason::delivered ? 250 : 550;
    ASSERT_EQ(queue::append(db, std::span(&outcome, 1), &session), 1);
  }
  void bounce(store::Connection& db, IntakeEvents& later, const Happening& one) {
    const std::int64_t id = ++intakes_;
    db.execute(
        "insert into intake (key, road, place, identity, state, kind, format, problem, found_by, campaign, contact, "
        "forged, sender, recipient, peer, subject, size, at) values (?1, 'folder', '', '', 'joined', 'bounce', 'dsn', "
        "'', ?2, ?3, ?4, 0, '', '', '', '', 0, ?5)",
        {store::Bytes{std::to_string(id)}, one.proven ? "return_path" : "recipient", one.campaign, one.contact,
         one.at});
    const std::string address = fmt::format("reader@domain-{}.example", one.contact.value);
    // What else the notice names did not fail for good, so it decides nothing.
    for (const int number : {1, 2}) {
      db.execute(
          "insert into bounce (intake, number, campaign, contact, address, reason, permanent, status, reply_code, "
          "remote, provider, diagnostic, at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, '', 550, '', '', 'no', ?8)",
          {id, number, one.campaign, one.contact, address, number == 2 ? bounce::to_string(one.reason) : "moved",
           number == 2, one.at});
    }
    bounce::Diagnosis diagnosis;
    diagnosis.address = address;
    diagnosis.reason = one.reason;
    diagnosis.permanent = true;
    const intake::Finding finding{{one.campaign, one.contact}, one.proven, bounce::Kind::bounce, &diagnosis, one.at};
    later.record(db, std::span(&finding, 1));
  }
  /// Stops by contact, "reason at".
  std::map<std::int64_t, std::string> stopped() {
    std::vector<std::int64_t> all;
    for (std::int64_t reader = 1; reader <= kReaders; ++reader) all.push_back(reader);
    std::map<std::int64_t, std::string> stops;
    for (const auto& stop : audience::past_stops(*store().read(), all)) {
      stops.emplace(stop.contact.value, fmt::format("{} {}", bounce::to_string(stop.reason), base::to_stored(stop.at)));
    }
    return stops;
  }
  std::map<std::int64_t, std::string> simulated(const std::vector<StopRule>& rules, std::size_t slice = 1'000'000) {
    std::map<std::int64_t, std::string> stops;
    (void)simulate_policy(
        store(), {.rules = rules},
        [&](const SimulatedReader& reader) {
          if (!reader.would) return;
          stops.emplace(reader.contact.id.value, fmt::format("{} {}", bounce::to_string(reader.would->reason),
                                                             base::to_stored(reader.would->at)));
        },
        slice);
    return stops;
  }

 private:
  std::int64_t intakes_ = 0;
};
TODOKU_ON_BOTH_ENGINES(PolicySimulationTest);

StopRule rule(std::string_view text) { return audience::read_rule(text).value(); }

TEST_P(PolicySimulationTest, UnderTheSameRulesFindsWhatHappened) {
  for (const unsigned seed : {1U, 2U, 3U}) {
    live(history(seed), {});
    EXPECT_THAT(stopped(), Not(IsEmpty()));
    EXPECT_EQ(simulated({}), stopped()) << seed;
    run("delete from stop");
    run("delete from contact_error");
    run("delete from outcome");
    run("delete from bounce");
    run("update contact set state = 'active'");
  }
}

TEST_P(PolicySimulationTest, UnderOtherRulesFindsWhatWouldHaveHappened) {
  const std::vector<StopRule> others = {rule("mailbox_full=2/3d"), rule("hard=2"), rule("expired=4"),
                                        rule("recipient_refused@domain-5.example=never")};
  const auto all = history(4);
  live(all, others);
  const auto wanted = stopped();
  EXPECT_EQ(simulated(others), wanted);
  EXPECT_NE(simulated({}), wanted);
}

TEST_P(PolicySimulationTest, IsTheSameInSlicesAndWritesNothing) {
  live(history(5), {});
  const auto whole = simulated({});
  EXPECT_EQ(simulated({}, 1), whole);
  const auto events = simulate_policy(store(), {}, [](const SimulatedReader&) {});
  EXPECT_EQ(events.readers, 30);  // three in four
  EXPECT_GT(events.events, events.readers * kCampaigns);
  EXPECT_EQ(store().read()->query_integer("select count(*) from policy_version"), 0);
}

TEST_P(PolicySimulationTest, TellsTheDifferenceToWhatHappened) {
  const Happening gone{{1}, {1}, kNow, Reason::user_unknown};
  std::vector<Happening> all = {gone};
  for (std::int64_t campaign = 1; campaign <= 2; ++campaign) {
    all.push_back({{2}, {campaign}, kNow + campaign * 24h, Reason::mailbox_full});
  }
  live(all, {});
  std::map<std::int64_t, std::string> changes;
  const audience::StopRules rules{.rules = {rule("hard=2"), rule("mailbox_full=2")}, .version = 1};
  (void)simulate_policy(store(), rules, [&](const SimulatedReader& reader) {
    changes[reader.contact.id.value] = reader.would ? reader.would->rule : "not";
    if (reader.did) changes[reader.contact.id.value] += ", stopped";
  });
  EXPECT_EQ(changes, (std::map<std::int64_t, std::string>{{1, "not, stopped"}, {2, "mailbox_full=2"}}));
}

TEST_P(PolicySimulationTest, LetsAReleaseBeginAnew) {
  std::vector<Happening> all;
  for (std::int64_t campaign = 1; campaign <= 3; ++campaign) {
    all.push_back({{1}, {campaign}, kNow + campaign * 24h, Reason::mailbox_full});
  }
  live(all, {});
  store().write_now([](store::Connection& db) {
    audience::release_stops(db, audience::find_stops(db, {}), "", kNow + 3 * 24h + 1h);
    OutcomeEvents session{audience::StopPolicy({})};
    for (std::int64_t campaign = 4; campaign <= 5; ++campaign) {
      settle(db, session, {{1}, {campaign}, kNow + campaign * 24h, Reason::mailbox_full});
    }
  });
  EXPECT_EQ(simulated({rule("mailbox=3")}).size(), 1);
  EXPECT_THAT(simulated({rule("mailbox=4")}), IsEmpty());  // five in all, but never four in a row
}

TEST_P(PolicySimulationTest, HoldsErrorsOfAnOutageAgainstNobody) {
  live({{{1}, {1}, kNow + 1h, Reason::user_unknown}, {{2}, {1}, kNow + 1h, Reason::user_unknown}}, {});
  run("insert into outage (site, began_at, noticed_at, ended_at, hold_until, rest, sent, errors, usual, decision) "
      "values "
      "('domain-1.example', 1700000000000, 1700000000000, 1700007200000, 0, 0, 1, 1, 0, 'drop'), "
      "('domain-2.example', 1700000000000, 1700000000000, 1700007200000, 0, 0, 1, 1, 0, 'stop')");
  EXPECT_EQ(simulated({}).count(1), 0);
  EXPECT_EQ(simulated({}).count(2), 1);  // these were carried out after all
}

}  // namespace
}  // namespace todoku::app
