#include "audience/policy_version.h"

#include <gmock/gmock.h>

#include "store/test_store.h"

namespace todoku::audience {
namespace {

using bounce::Reason;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace std::chrono_literals;

constexpr base::Time kNow{1'700'000'000'000ms};

class PolicyVersionTest : public store::StoreTest {
 protected:
  std::int64_t add(const std::vector<StopRule>& rules, base::Time at = kNow) {
    std::int64_t number = 0;
    store().write_now([&](store::Connection& db) { number = add_policy(db, rules, {"Hana", "too strict", at}); });
    return number;
  }
};
TODOKU_ON_BOTH_ENGINES(PolicyVersionTest);

const StopRule kFull{Reason::mailbox_full, "gmail", 5, 14, false};
const StopRule kHard{ErrorKind::hard, "", 2, 0, true};

TEST_P(PolicyVersionTest, BeginsWithTheDefaults) {
  const auto db = store().read();
  EXPECT_EQ(current_policy(*db).number, 0);
  EXPECT_THAT(current_policy(*db).rules, IsEmpty());
  EXPECT_TRUE(find_policy(*db, 0));
  EXPECT_FALSE(find_policy(*db, 1));
  EXPECT_THAT(policy_versions(*db), IsEmpty());
}

TEST_P(PolicyVersionTest, KeepsEveryVersionReadable) {
  const auto first = add({kFull, kHard});
  const auto second = add({kHard}, kNow + 1h);
  const auto db = store().read();
  EXPECT_EQ(current_policy(*db).number, second);
  EXPECT_THAT(current_policy(*db).rules, testing::ElementsAre(kHard));
  const auto old = find_policy(*db, first);
  ASSERT_TRUE(old);
  EXPECT_THAT(old->rules, testing::UnorderedElementsAre(kFull, kHard));
  EXPECT_EQ(old->author, "Hana");
  EXPECT_EQ(old->note, "too strict");
  EXPECT_EQ(old->at, kNow);
  const auto all = policy_versions(*db);
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(all[0].number, second);
  EXPECT_THAT(all[1].rules, SizeIs(2));
}

TEST_P(PolicyVersionTest, IsTakenUpByWhoLooksAgain) {
  CurrentRules rules({.hard = 1, .mailbox = 3});
  EXPECT_EQ(rules.look(*store().read()).version, 0);
  EXPECT_EQ(rules.look(*store().read()).of(Reason::user_unknown).errors, 1);
  const auto first = add({kHard});
  EXPECT_EQ(rules.look(*store().read()).version, first);
  EXPECT_EQ(rules.look(*store().read()).of(Reason::user_unknown).errors, 2);
  add({}, kNow + 1h);
  EXPECT_EQ(rules.look(*store().read()).of(Reason::user_unknown).errors, 1);
}

TEST_P(PolicyVersionTest, IsNotMistakenForOneThatWasRolledBack) {
  CurrentRules rules({});
  store().write_now([&](store::Connection& db) {
    const store::Transaction undone(db);
    add_policy(db, {kHard}, {"", "", kNow});
    EXPECT_EQ(rules.look(db).of(Reason::user_unknown).errors, 2);
  });
  EXPECT_EQ(rules.look(*store().read()).version, 0);
  add({{.cause = ErrorKind::hard, .errors = 3}}, kNow + 1ms);
  EXPECT_EQ(rules.look(*store().read()).of(Reason::user_unknown).errors, 3);
}

TEST_P(PolicyVersionTest, IgnoresRulesForCausesOfANewerProgram) {
  const auto number = add({kHard});
  store().write_now([&](store::Connection& db) {
    db.execute(
        "insert into policy_rule (version, cause, receiver, errors, days, reset_on_open) values (?1, "
        "'eaten_by_goat', '', 1, 0, 1)",
        {number});
  });
  EXPECT_THAT(current_policy(*store().read()).rules, testing::ElementsAre(kHard));
}

}  // namespace
}  // namespace todoku::audience
