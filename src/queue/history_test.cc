#include "queue/history.h"

#include <gmock/gmock.h>

#include "queue/outcomes.h"
#include "store/test_store.h"

namespace todoku::queue {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const base::Time kNow = base::from_stored(1'700'000'000'000);

class HistoryTest : public store::StoreTest {
 protected:
  void add(std::int64_t contact, std::int64_t campaign, Result result, int attempt = 1) {
    Outcome outcome;
    outcome.campaign = {campaign};
    outcome.contact = {contact};
    outcome.result = result;
    outcome.attempt = attempt;
    outcome.at = kNow + std::chrono::hours(campaign);
    outcome.reason = result == Result::failed ? "mailbox_full" : "";
    outcome.site = "example.jp";
    outcome.remote = "mx.example.jp [192.0.2.1]";
    outcome.status = "5.2.2";
    outcome.reply_code = 552;
    outcome.text = "over quota";
    store().write_now([&](store::Connection& db) { ASSERT_EQ(append(db, std::span(&outcome, 1), nullptr), 1); });
  }
};
TODOKU_ON_BOTH_ENGINES(HistoryTest);

TEST_P(HistoryTest, FindsContactsWithFailuresInPages) {
  for (const std::int64_t contact : {9, 3, 5}) {
    add(contact, 1, Result::failed);
    add(contact, 2, Result::failed);
  }
  add(1, 1, Result::delivered);
  add(2, 1, Result::deferred);
  add(4, 1, Result::skipped);
  const auto db = store().read();
  EXPECT_THAT(contacts_with_failures(*db, {}, 2), ElementsAre(3, 5));
  EXPECT_THAT(contacts_with_failures(*db, {5}, 2), ElementsAre(9));
  EXPECT_THAT(contacts_with_failures(*db, {9}, 2), IsEmpty());
}

TEST_P(HistoryTest, GivesFailuresWithTheirWordsAndDeliveries) {
  add(3, 1, Result::failed);
  add(3, 2, Result::deferred);
  add(3, 2, Result::delivered, 2);
  add(5, 1, Result::failed);
  const auto db = store().read();
  const std::vector<std::int64_t> wanted = {3, 4};
  int failures = 0, deliveries = 0;
  each_failure(*db, wanted, [&](const Outcome& outcome) {
    ++failures;
    EXPECT_EQ(outcome.contact.value, 3);
    EXPECT_EQ(outcome.campaign.value, 1);
    EXPECT_EQ(outcome.result, Result::failed);
    EXPECT_EQ(outcome.at, kNow + std::chrono::hours(1));
    EXPECT_EQ(outcome.reason, "mailbox_full");
    EXPECT_EQ(outcome.site, "example.jp");
    EXPECT_EQ(outcome.remote, "mx.example.jp [192.0.2.1]");
    EXPECT_EQ(outcome.status, "5.2.2");
    EXPECT_EQ(outcome.reply_code, 552);
    EXPECT_EQ(outcome.text, "over quota");
  });
  each_delivery(*db, wanted, [&](const Delivery& delivery) {
    ++deliveries;
    EXPECT_EQ(delivery.campaign.value, 2);
    EXPECT_EQ(delivery.at, kNow + std::chrono::hours(2));
  });
  EXPECT_EQ(failures, 1);
  EXPECT_EQ(deliveries, 1);
}

TEST_P(HistoryTest, TellsTheFinalOutcomeOfAMail) {
  add(3, 2, Result::deferred);
  EXPECT_FALSE(final_outcome_of(*store().read(), {2}, {3}));
  add(3, 2, Result::failed, 2);
  const auto outcome = final_outcome_of(*store().read(), {2}, {3});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->result, Result::failed);
  EXPECT_FALSE(final_outcome_of(*store().read(), {2}, {4}));
}

}  // namespace
}  // namespace todoku::queue
