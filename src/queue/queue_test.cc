#include "queue/queue.h"

#include <gmock/gmock.h>

#include <numeric>
#include <stdexcept>
#include <thread>

#include "queue/control.h"
#include "queue/counts.h"
#include "queue/words.h"
#include "store/test_store.h"

namespace todoku::queue {
namespace {

using std::chrono::minutes;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

constexpr base::CampaignId kCampaign{7};
const base::Time kNow = base::from_stored(1'700'000'000'000);

std::vector<base::ContactId> contacts(int from, int to) {
  std::vector<base::ContactId> out;
  for (int n = from; n <= to; ++n) out.push_back({n});
  return out;
}

Outcome outcome(const Batch& batch, base::ContactId contact, Result result, std::string reason = {}) {
  Outcome o;
  o.campaign = batch.campaign;
  o.contact = contact;
  o.batch = batch.id;
  o.result = result;
  o.attempt = batch.attempt;
  o.at = kNow;
  o.reason = std::move(reason);
  o.site = batch.site;
  o.remote = "mx." + batch.site;
  o.stage = "data";
  o.status = "2.0.0";
  o.reply_code = 250;
  o.text = "ok";
  return o;
}

/// What a sink heard.
class Ear final : public OutcomeSink {
 public:
  void record(store::Connection&, std::span<const Outcome> outcomes) override {
    for (const Outcome& o : outcomes) heard.push_back(o.contact.value);
  }
  std::vector<std::int64_t> heard;
};

class WordMemoryTest : public store::StoreTest {};
TODOKU_ON_BOTH_ENGINES(WordMemoryTest);

TEST_P(WordMemoryTest, RemembersOnlyWhatWasThereBeforeTheTransaction) {
  WordMemory memory;
  std::int64_t taken_back = 0;
  EXPECT_THROW(store().write_now([&](store::Connection& db) {
    taken_back = Words(db, &memory).id("site.test");
    throw std::runtime_error("undone");
  }),
               std::runtime_error);
  std::int64_t other = 0, kept = 0;
  store().write_now([&](store::Connection& db) { other = Words(db, &memory).id("other.test"); });
  store().write_now([&](store::Connection& db) { kept = Words(db, &memory).id("site.test"); });
  EXPECT_NE(kept, other);
  EXPECT_EQ(find_word(*store().read(), "site.test"), kept);
  store().write_now([&](store::Connection& db) {
    EXPECT_EQ(Words(db, &memory).id("site.test"), kept);
    db.execute("delete from word");
    EXPECT_EQ(Words(db, &memory).id("site.test"), kept) << "without asking";
    memory.forget();
    EXPECT_NE(find_word(db, "site.test"), kept);
    EXPECT_GT(Words(db, &memory).id("site.test"), 0);
  });
  EXPECT_GT(taken_back, 0);
}

class QueueTest : public store::StoreTest {
 protected:
  template <class F>
  auto in_job(F work) {
    std::optional<decltype(work(std::declval<store::Connection&>()))> result;
    store().write_now([&](store::Connection& db) { result = work(db); });
    return std::move(*result);
  }
  void lay(std::string_view site, const std::vector<base::ContactId>& who, base::CampaignId campaign = kCampaign,
           Priority priority = Priority::bulk) {
    store().write_now([&](store::Connection& db) {
      lay_down(db, {.campaign = campaign, .now = kNow, .priority = priority}, site, who);
    });
  }
  std::vector<Batch> claim_at(base::Time now, int max = 10, std::string owner = "a",
                              std::vector<std::string> except = {}) {
    return in_job([&](store::Connection& db) {
      return claim(db, {.owner = owner, .now = now, .lease = minutes(2), .max_batches = max, .except_sites = except});
    });
  }
  std::size_t store_outcomes(const std::vector<Outcome>& outcomes, OutcomeSink* sink = nullptr) {
    return in_job([&](store::Connection& db) { return append(db, outcomes, sink); });
  }
  bool end(const Batch& batch, const std::vector<Retry>& retries = {}, base::Time now = kNow) {
    return in_job([&](store::Connection& db) { return finish(db, batch, retries, now); });
  }
  /// As if nobody had renewed any lease for long.
  std::int64_t end_leases() {
    return in_job([](store::Connection& db) {
      std::int64_t ended = 0;
      for (const Lease& lease : leases(db)) ended += end_lease(db, lease);
      return ended;
    });
  }
  Counts counts(base::CampaignId campaign = kCampaign) { return counts_of(*store().read(), campaign); }
};
TODOKU_ON_BOTH_ENGINES(QueueTest);

TEST_P(QueueTest, ClaimsNoMoreBatchesThanMailsAreWanted) {
  for (int site = 0; site < 5; ++site) lay(std::to_string(site) + ".example", contacts(10 * site + 1, 10 * site + 10));
  const auto claimed = [this](std::int64_t mails) {
    return in_job([&](store::Connection& db) {
      return claim(db, {.owner = "a", .now = kNow, .max_batches = 9, .max_mails = mails, .except_sites = {}});
    });
  };
  EXPECT_THAT(claimed(1), SizeIs(1)) << "at least one, however large it is";
  EXPECT_THAT(claimed(11), SizeIs(2));
  EXPECT_THAT(claimed(1000), SizeIs(2)) << "those that were left out before can still be had";
}

TEST_P(QueueTest, RecipientsComeOutAsTheyWereLaidDown) {
  lay("example.jp", contacts(1, 2500));
  lay("example.com", {{99}, {5}, {7}, {5}});
  const std::vector<Batch> batches = claim_at(kNow);
  ASSERT_THAT(batches, SizeIs(4));
  std::vector<base::ContactId> jp;
  for (const Batch& batch : batches) {
    EXPECT_EQ(batch.campaign, kCampaign);
    EXPECT_EQ(batch.attempt, 1);
    EXPECT_EQ(batch.laid_at, kNow);
    EXPECT_FALSE(batch.taken_over);
    if (batch.site == "example.jp") jp.insert(jp.end(), batch.contacts.begin(), batch.contacts.end());
    if (batch.site == "example.com") {
      EXPECT_THAT(batch.contacts, ElementsAre(base::ContactId{5}, base::ContactId{7}, base::ContactId{99}));
    }
  }
  EXPECT_EQ(jp, contacts(1, 2500));
  EXPECT_EQ(counts().recipients, 2503);
  EXPECT_THAT(claim_at(kNow), IsEmpty());
}

TEST_P(QueueTest, NobodyIsClaimedBeforeTime) {
  store().write_now([](store::Connection& db) {
    lay_down(db, {.campaign = kCampaign, .now = kNow, .not_before = kNow + minutes(5)}, "a.jp", contacts(1, 3));
  });
  EXPECT_THAT(claim_at(kNow + minutes(5) - base::Duration(1)), IsEmpty());
  EXPECT_EQ(next_due(*store().read()), kNow + minutes(5));
  EXPECT_THAT(claim_at(kNow + minutes(5)), SizeIs(1));
}

TEST_P(QueueTest, WhatIsDueAtOnceIsDueByAnyClock) {
  lay("a.jp", contacts(1, 3));
  EXPECT_THAT(claim_at(kNow - std::chrono::hours(3)), SizeIs(1));
}

TEST_P(QueueTest, AnEndedLeaseOfAPausedCampaignIsHeldAndGoesOnAfterwards) {
  lay("a.jp", contacts(1, 3));
  ASSERT_THAT(claim_at(kNow, 1, "dead"), SizeIs(1));
  store().write_now([](store::Connection& db) { pause(db, kCampaign); });
  EXPECT_EQ(end_leases(), 1);
  EXPECT_THAT(claim_at(kNow, 1, "b"), IsEmpty());
  store().write_now([](store::Connection& db) { resume(db, kCampaign); });
  const auto taken = claim_at(kNow, 1, "b");
  ASSERT_THAT(taken, SizeIs(1));
  EXPECT_TRUE(taken[0].taken_over);
}

TEST_P(QueueTest, SitesCanBeLeftOut) {
  lay("busy.jp", contacts(1, 3));
  lay("free.jp", contacts(4, 6));
  const auto batches = claim_at(kNow, 10, "a", {"busy.jp", "never-seen.jp"});
  ASSERT_THAT(batches, SizeIs(1));
  EXPECT_EQ(batches[0].site, "free.jp");
  EXPECT_LE(*next_due(*store().read()), kNow);
}

TEST_P(QueueTest, HigherPriorityFirstAndCampaignsTakeTurns) {
  lay("large.jp", contacts(1, 5000), {1});
  std::vector<std::int64_t> order;
  const auto note = [&](const std::vector<Batch>& batches) {
    for (const Batch& batch : batches) order.push_back(batch.campaign.value);
  };
  note(claim_at(kNow, 2));
  lay("small.jp", contacts(1, 1500), {2});
  lay("test.jp", contacts(1, 1), {3}, Priority::test);
  note(claim_at(kNow, 10));
  EXPECT_THAT(order, ElementsAre(1, 1, 3, 1, 2, 1, 2, 1));
}

TEST_P(QueueTest, OutcomesEndABatch) {
  lay("a.jp", contacts(1, 3));
  const Batch batch = claim_at(kNow)[0];
  Ear ear;
  EXPECT_EQ(store_outcomes({outcome(batch, {1}, Result::delivered), outcome(batch, {2}, Result::failed, "user_unknown"),
                            outcome(batch, {3}, Result::skipped, "unsubscribed")},
                           &ear),
            3U);
  EXPECT_THAT(ear.heard, ElementsAre(1, 2, 3));
  EXPECT_TRUE(end(batch));
  const Counts c = counts();
  EXPECT_EQ(c.delivered, 1);
  EXPECT_EQ(c.failed, 1);
  EXPECT_EQ(c.skipped, 1);
  EXPECT_EQ(c.waiting, 0);
  EXPECT_EQ(c.attempts, 2);
  EXPECT_TRUE(c.finished());
  EXPECT_EQ(next_due(*store().read()), std::nullopt);
  const auto db = store().read();
  store::Rows rows = db->query(
      "select reason, site, remote, stage, status, reply_code, text from outcome_text "
      "where result = 2");
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(rows.text(0), "user_unknown");
  EXPECT_EQ(rows.text(1), "a.jp");
  EXPECT_EQ(rows.text(2), "mx.a.jp");
  EXPECT_EQ(rows.text(3), "data");
  EXPECT_EQ(rows.text(4), "2.0.0");
  EXPECT_EQ(rows.integer(5), 250);
  EXPECT_EQ(rows.text(6), "ok");
}

TEST_P(QueueTest, DeferredOnesComeAgainByTimeAndReason) {
  lay("a.jp", contacts(1, 4));
  const Batch batch = claim_at(kNow)[0];
  store_outcomes({outcome(batch, {1}, Result::deferred, "mailbox_full"),
                  outcome(batch, {2}, Result::deferred, "mailbox_full"),
                  outcome(batch, {3}, Result::deferred, "rate_limited"), outcome(batch, {4}, Result::delivered)});
  EXPECT_TRUE(end(batch, {{{1}, kNow + minutes(60)}, {{2}, kNow + minutes(60)}, {{3}, kNow + minutes(5)}}));
  const Counts c = counts();
  EXPECT_EQ(c.deferred, 3);
  EXPECT_EQ(c.waiting, 0);
  EXPECT_FALSE(c.finished());
  const auto reasons = reasons_of(*store().read(), kCampaign);
  ASSERT_THAT(reasons, SizeIs(3));
  EXPECT_EQ(reasons[0].reason, "mailbox_full");
  EXPECT_EQ(reasons[0].result, Result::deferred);
  EXPECT_EQ(reasons[0].count, 2);

  EXPECT_THAT(claim_at(kNow + minutes(4)), IsEmpty());
  const auto soon = claim_at(kNow + minutes(6));
  ASSERT_THAT(soon, SizeIs(1));
  EXPECT_THAT(soon[0].contacts, ElementsAre(base::ContactId{3}));
  EXPECT_EQ(soon[0].attempt, 2);
  EXPECT_EQ(soon[0].laid_at, kNow);
  const auto later = claim_at(kNow + minutes(70), 10, "b");
  ASSERT_THAT(later, SizeIs(1));
  EXPECT_THAT(later[0].contacts, SizeIs(2));
  store_outcomes({outcome(soon[0], {3}, Result::delivered)});
  const auto sites = sites_of(*store().read(), kCampaign, 10);
  ASSERT_THAT(sites, SizeIs(1));
  EXPECT_EQ(sites[0].delivered, 2);
  EXPECT_EQ(sites[0].deferrals, 3);
}

TEST_P(QueueTest, ATakenOverBatchKnowsWhoIsDone) {
  lay("a.jp", contacts(1, 4));
  const Batch first = claim_at(kNow, 1, "dead")[0];
  store_outcomes({outcome(first, {1}, Result::delivered), outcome(first, {2}, Result::deferred, "rate_limited")});
  EXPECT_THAT(claim_at(kNow + minutes(180), 1, "b"), IsEmpty()) << "its clock may be the wrong one";
  EXPECT_EQ(end_leases(), 1);
  const auto taken = claim_at(kNow - minutes(180), 1, "b");
  ASSERT_THAT(taken, SizeIs(1));
  EXPECT_TRUE(taken[0].taken_over);
  EXPECT_EQ(taken[0].id, first.id);
  const Progress progress = progress_of(*store().read(), kCampaign, first.id);
  EXPECT_THAT(progress.final, ElementsAre(base::ContactId{1}));
  ASSERT_THAT(progress.deferred, SizeIs(1));
  EXPECT_EQ(progress.deferred[0].reason, "rate_limited");
  EXPECT_FALSE(end(first)) << "it is another's";
  EXPECT_TRUE(end(taken[0], {}, kNow + minutes(2)));
  // 2 was tried and had no time given, 3 and 4 were not tried.
  const auto rest = claim_at(kNow + minutes(30));
  ASSERT_THAT(rest, SizeIs(2));
  EXPECT_THAT((std::vector{rest[0].attempt, rest[1].attempt}), UnorderedElementsAre(1, 2));
  EXPECT_THAT((std::vector{rest[0].contacts.size(), rest[1].contacts.size()}), UnorderedElementsAre(2U, 1U));
}

TEST_P(QueueTest, NoSecondFinalOutcome) {
  lay("a.jp", contacts(1, 3));
  const Batch slow = claim_at(kNow, 1, "slow")[0];
  EXPECT_EQ(end_leases(), 1);
  const Batch fast = claim_at(kNow + minutes(3), 1, "fast")[0];
  store_outcomes({outcome(fast, {1}, Result::delivered), outcome(fast, {2}, Result::deferred, "rate_limited")});
  Ear ear;
  // The slow one's mails went out too: 1 is known, 2 has its final outcome by now, 3 is new.
  EXPECT_EQ(store_outcomes({outcome(slow, {1}, Result::failed, "user_unknown"), outcome(slow, {2}, Result::delivered),
                            outcome(slow, {3}, Result::delivered), outcome(slow, {3}, Result::delivered)},
                           &ear),
            2U);
  EXPECT_THAT(ear.heard, ElementsAre(2, 3));
  EXPECT_TRUE(end(fast, {{{2}, kNow + minutes(10)}, {{3}, kNow}}));
  EXPECT_EQ(store_outcomes({outcome(slow, {3}, Result::failed, "blocked")}, &ear), 0U) << "the batch is finished";
  const Counts c = counts();
  EXPECT_EQ(c.delivered, 3);
  EXPECT_EQ(c.failed, 0);
  EXPECT_TRUE(c.finished());
  EXPECT_EQ(next_due(*store().read()), std::nullopt);
}

TEST_P(QueueTest, OneProcessAloneNeedNotWaitForLeases) {
  lay("a.jp", contacts(1, 3));
  const Batch first = claim_at(kNow, 1, "killed")[0];
  store().write_now([](store::Connection& db) { end_all_leases(db); });
  const auto again = claim_at(kNow, 1, "new");
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(again[0].id, first.id);
  EXPECT_TRUE(again[0].taken_over);
}

TEST_P(QueueTest, RenewedLeasesHold) {
  lay("a.jp", contacts(1, 3));
  lay("b.jp", contacts(1, 3), {8});
  const auto batches = claim_at(kNow);
  ASSERT_THAT(batches, SizeIs(2));
  const std::vector<base::BatchId> ids = {batches[0].id, batches[1].id};
  const auto renewed = [&](std::string_view owner) {
    return in_job([&](store::Connection& db) { return renew(db, owner, ids, kNow + minutes(10)); });
  };
  EXPECT_THAT(renewed("another"), IsEmpty());
  EXPECT_THAT(renewed("a"), SizeIs(2));
  const Lease before{"a", kNow + minutes(2)};
  EXPECT_EQ(in_job([&](store::Connection& db) { return end_lease(db, before); }), 0) << "it was renewed";
  EXPECT_THAT(in_job([](store::Connection& db) { return leases(db); }), ElementsAre(Lease{"a", kNow + minutes(10)}));
  EXPECT_THAT(claim_at(kNow + minutes(9)), IsEmpty());
  store().write_now([](store::Connection& db) { pause(db, kCampaign); });
  EXPECT_THAT(renewed("a"), SizeIs(1)) << "a paused campaign's batch is to be given up";
}

TEST_P(QueueTest, PausedIsNotSentAndResumedIs) {
  lay("a.jp", contacts(1, 1200));
  const Batch held = claim_at(kNow, 1)[0];
  store().write_now([](store::Connection& db) { pause(db, kCampaign); });
  EXPECT_FALSE(is_running(*store().read(), kCampaign));
  EXPECT_THAT(claim_at(kNow), IsEmpty());
  EXPECT_TRUE(end(held)) << "its owner gives it up";
  EXPECT_THAT(claim_at(kNow + minutes(20)), IsEmpty());
  EXPECT_EQ(next_due(*store().read()), std::nullopt);
  EXPECT_EQ(counts().waiting, 1200);
  store().write_now([](store::Connection& db) { resume(db, kCampaign); });
  EXPECT_THAT(claim_at(kNow + minutes(20)), SizeIs(2));
}

TEST_P(QueueTest, CancelledGetTheirOutcome) {
  lay("a.jp", contacts(1, 2400));
  const Batch leased = claim_at(kNow, 1)[0];
  store_outcomes({outcome(leased, leased.contacts[0], Result::delivered),
                  outcome(leased, leased.contacts[1], Result::deferred, "rate_limited")});
  store().write_now([](store::Connection& db) { cancel(db, kCampaign); });
  EXPECT_THAT(claim_at(kNow), IsEmpty());
  while (in_job([](store::Connection& db) { return settle_cancelled(db, kNow, 1); }) > 0) {
  }
  EXPECT_EQ(counts().cancelled, 1400);
  EXPECT_TRUE(end(leased, {{leased.contacts[1], kNow + minutes(5)}}));
  const Counts c = counts();
  EXPECT_EQ(c.cancelled, 2399);
  EXPECT_EQ(c.delivered, 1);
  EXPECT_TRUE(c.finished());
  store().write_now([](store::Connection& db) { resume(db, kCampaign); });
  EXPECT_FALSE(is_running(*store().read(), kCampaign)) << "cancelled is for good";
}

TEST_P(QueueTest, ForeignBytesDoNotStopAnOutcome) {
  lay("a.jp", contacts(1, 1));
  const Batch batch = claim_at(kNow)[0];
  Outcome o = outcome(batch, {1}, Result::failed, "unknown");
  o.text = std::string("\xFF\x00 \x93\xFA binary", 12) + std::string(5000, 'x');
  o.remote = "mx\xFF.jp";
  EXPECT_EQ(store_outcomes({o}), 1U);
  const auto db = store().read();
  EXPECT_LE(db->query_text("select text from outcome")->size(), 1012U);
  EXPECT_EQ(db->query_text("select remote from outcome_text"), "mx\xEF\xBF\xBD.jp");
}

TEST_P(QueueTest, AMailOutsideOfTheQueueHasAnOutcomeToo) {
  Outcome o;
  o.campaign = kCampaign;
  o.contact = {4};
  o.result = Result::delivered;
  EXPECT_EQ(store_outcomes({o}), 1U);
  EXPECT_EQ(counts().delivered, 1);
}

TEST_P(QueueTest, WhatWaitsBySite) {
  lay("a.jp", contacts(1, 30));
  lay("b.jp", contacts(1, 50));
  lay("a.jp", contacts(101, 105), {8});
  const auto sites = waiting_by_site(*store().read(), {});
  ASSERT_THAT(sites, SizeIs(2));
  EXPECT_EQ(sites[0].site, "b.jp");
  EXPECT_EQ(sites[0].state, "waiting");
  EXPECT_EQ(sites[0].recipients, 50);
  EXPECT_LE(sites[0].next_due, kNow);
  EXPECT_EQ(sites[1].recipients, 35) << "of both campaigns";
  const auto narrowed = waiting_by_site(*store().read(), {.campaign = {8}, .site = "a.jp"});
  ASSERT_THAT(narrowed, SizeIs(1));
  EXPECT_EQ(narrowed[0].recipients, 5);
  EXPECT_THAT(waiting_by_site(*store().read(), {.site = "c.jp"}), IsEmpty());
  const Batch batch = claim_at(kNow, 1)[0];
  store_outcomes({outcome(batch, batch.contacts[0], Result::deferred, "rate_limited")});
  const std::vector<Retry> retries = {{batch.contacts[0], kNow + std::chrono::hours(1)}};
  store().write_now([&](store::Connection& db) { finish(db, batch, retries, kNow); });
  const auto after = waiting_by_site(*store().read(), {});
  const auto deferred = std::ranges::find(after, "deferred", &SiteQueue::state);
  ASSERT_NE(deferred, after.end());
  EXPECT_EQ(deferred->reason, "rate_limited");
  EXPECT_EQ(deferred->recipients, 1);
  EXPECT_GE(deferred->next_due, retries[0].at);
}

TEST_P(QueueTest, WhatIsInItByState) {
  const auto states = [this] {
    std::map<std::string, std::int64_t> sums;
    for (const QueueState& part : queue_states(*store().read())) sums[part.site + " " + part.state] += part.recipients;
    return sums;
  };
  lay("a.jp", contacts(1, 30));
  EXPECT_THAT(states(), ElementsAre(::testing::Pair("a.jp waiting", 30)));
  const Batch batch = claim_at(kNow)[0];
  EXPECT_THAT(states(), ElementsAre(::testing::Pair("a.jp sending", 30)));
  store_outcomes({outcome(batch, {1}, Result::delivered), outcome(batch, {2}, Result::deferred, "rate")});
  const std::vector<Retry> retries = {{{2}, kNow + std::chrono::hours(1)}};
  store().write_now([&](store::Connection& db) { finish(db, batch, retries, kNow); });
  EXPECT_THAT(states(), ElementsAre(::testing::Pair("a.jp deferred", 1), ::testing::Pair("a.jp waiting", 28)));
  store().write_now([](store::Connection& db) { pause(db, kCampaign); });
  EXPECT_THAT(states(), ElementsAre(::testing::Pair("a.jp held", 29)));
}

/// Two nodes work off one campaign; every recipient is sent to once.
TEST_P(QueueTest, ConcurrentNodesShareACampaign) {
  if (GetParam() == store::Engine::sqlite) GTEST_SKIP() << "one process sends on SQLite";
  BatchBuilder builder({.campaign = kCampaign, .now = kNow});
  for (int n = 1; n <= 3000; ++n) builder.add("site" + std::to_string(n % 300) + ".jp", {n});
  store().write_now([&](store::Connection& db) {
    BatchBuilder copy = builder;
    copy.finish(db);
  });
  const auto work = [&](const std::string& owner, std::vector<std::int64_t>& sent) {
    const auto node = store::open_or_throw(options());
    for (;;) {
      std::vector<Batch> batches;
      node->write_now([&](store::Connection& db) {
        batches = claim(db, {.owner = owner, .now = kNow, .max_batches = 7, .except_sites = {}});
      });
      if (batches.empty()) break;
      for (const Batch& batch : batches) {
        std::vector<Outcome> outcomes;
        for (const base::ContactId contact : batch.contacts) {
          sent.push_back(contact.value);
          outcomes.push_back(outcome(batch, contact, Result::delivered));
        }
        node->write([outcomes](store::Connection& db) { append(db, outcomes); }, {});
        node->write([batch](store::Connection& db) { finish(db, batch, {}, kNow); }, {});
      }
    }
  };
  std::array<std::vector<std::int64_t>, 3> sent;
  {
    std::vector<std::jthread> nodes;
    for (std::size_t i = 0; i < sent.size(); ++i) {
      nodes.emplace_back([&, i] { work("node" + std::to_string(i), sent[i]); });
    }
  }
  std::vector<std::int64_t> all;
  for (const auto& one : sent) all.insert(all.end(), one.begin(), one.end());
  std::ranges::sort(all);
  std::vector<std::int64_t> wanted(3000);
  std::iota(wanted.begin(), wanted.end(), 1);
  EXPECT_EQ(all, wanted);
  const Counts c = counts();
  EXPECT_EQ(c.delivered, 3000);
  EXPECT_TRUE(c.finished());
}

}  // namespace
}  // namespace todoku::queue
