#include "remedy/notice.h"

#include <gmock/gmock.h>

#include <boost/json.hpp>

#include "audience/contact.h"
#include "audience/stop_policy.h"
#include "audience/stops.h"
#include "remedy/notifier.h"
#include "store/test_store.h"

namespace todoku::remedy {
namespace {

using namespace std::chrono_literals;
using bounce::Reason;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const base::Time kNow = base::from_stored(1'700'000'000'000);

TEST(NoticeSignature, IsOverTimeAndBody) {
  // printf '1700000000.{"id":1}' | openssl dgst -sha256 -hmac kagi
  EXPECT_EQ(signature_of("kagi", R"({"id":1})", kNow),
            "t=1700000000,v1=592ce51e1f621f8b7981f3dfcbf42432afa969dadc7be94d411bd021741961df");
}

TEST(NextWait, DoublesUpToSixHoursAndEnds) {
  const NotifyTarget target{.name = "", .url = "", .secret = {}};
  EXPECT_EQ(next_wait(target, 1), 10s);
  EXPECT_EQ(next_wait(target, 3), 40s);
  EXPECT_EQ(next_wait(target, 14), 6h);
  EXPECT_FALSE(next_wait(target, 15));
}

class NoticeTest : public store::StoreTest {
 protected:
  base::ContactId reader(const std::string& address) {
    base::ContactId id;
    store().write_now([&](store::Connection& db) {
      id = audience::add_contact(db, {.address = address, .name = "", .fields = {}, .consent = "form"}, kNow).value();
    });
    return id;
  }
  void targets(const std::vector<std::string>& names) {
    store().write_now([&](store::Connection& db) { set_targets(db, names, kNow); });
  }
  void stop(base::ContactId contact, Reason reason = Reason::user_unknown) {
    store().write_now([&](store::Connection& db) {
      const std::vector<audience::Event> events{{.contact = contact,
                                                 .campaign = {7},
                                                 .at = kNow,
                                                 .reason = reason,
                                                 .effect = bounce::Effect::hard,
                                                 .permanent = true,
                                                 .reply = "550"}};
      audience::StopPolicy().record(db, events);
    });
  }
  void release(base::ContactId contact) {
    store().write_now([&](store::Connection& db) {
      audience::release_stops(db, audience::find_stops(db, {.contact = contact}), "by hand", kNow + 1s);
    });
  }
  std::vector<Notice> all() { return find_notices(*store().read(), {}); }
  std::vector<Notice> claim(base::Time now, std::int64_t most = 10) {
    std::vector<Notice> claimed;
    store().write_now([&](store::Connection& db) { claimed = claim_notices(db, "crm", now, now + 1min, most); });
    return claimed;
  }
  static std::vector<std::string> types(const std::vector<Notice>& notices) {
    std::vector<std::string> words;
    for (const Notice& notice : notices) words.emplace_back(type_of(notice));
    return words;
  }
};
TODOKU_ON_BOTH_ENGINES(NoticeTest);

TEST_P(NoticeTest, IsWrittenWithEachChangeOfState) {
  const auto aoi = reader("aoi@example.jp");
  targets({"crm"});
  stop(aoi);
  release(aoi);
  store().write_now([&](store::Connection& db) { ASSERT_TRUE(audience::unsubscribe(db, aoi, "complaint", kNow)); });
  const auto notices = all();
  ASSERT_THAT(types(notices), ElementsAre("contact.stopped", "contact.released", "contact.unsubscribed"));
  EXPECT_EQ(notices[0].reason, "user_unknown");
  EXPECT_EQ(notices[0].campaign.value, 7);
  EXPECT_EQ(notices[0].address, "aoi@example.jp");
  EXPECT_EQ(notices[1].reason, "user_unknown");
  EXPECT_EQ(notices[2].reason, "complaint");
  const auto body = boost::json::parse(body_of(notices[0])).as_object();
  EXPECT_EQ(body.at("type").as_string(), "contact.stopped");
  EXPECT_EQ(body.at("contact").at("address").as_string(), "aoi@example.jp");
  EXPECT_EQ(body.at("at").as_int64(), 1'700'000'000);
  EXPECT_FALSE(body.at("explanation").at("ja").at("what").as_string().empty());
}

TEST_P(NoticeTest, ComesNotWithoutATargetNorWithoutAChange) {
  const auto aoi = reader("aoi@example.jp");
  stop(aoi);
  EXPECT_THAT(all(), IsEmpty());
  targets({"crm", "log"});
  stop(aoi);  // it is stopped already
  EXPECT_THAT(all(), IsEmpty());
  release(aoi);
  EXPECT_THAT(all(), SizeIs(2)) << "one for each target";
  targets({"log"});
  stop(aoi);
  EXPECT_THAT(find_notices(*store().read(), {.target = "crm"}), SizeIs(1));
  EXPECT_THAT(find_notices(*store().read(), {.target = "log"}), SizeIs(2));
}

TEST_P(NoticeTest, IsGoneWithATransactionThatFails) {
  const auto aoi = reader("aoi@example.jp");
  targets({"crm"});
  EXPECT_THROW(store().write_now([&](store::Connection& db) {
    ASSERT_TRUE(audience::unsubscribe(db, aoi, "unsubscribed", kNow));
    throw std::runtime_error("no");
  }),
               std::runtime_error);
  EXPECT_THAT(all(), IsEmpty());
}

TEST_P(NoticeTest, OfOneContactGoOneAfterTheOther) {
  const auto aoi = reader("aoi@example.jp");
  const auto ren = reader("ren@example.jp");
  targets({"crm"});
  stop(aoi);
  release(aoi);
  stop(ren);
  auto claimed = claim(kNow);
  ASSERT_THAT(types(claimed), ElementsAre("contact.stopped", "contact.stopped"));
  EXPECT_THAT(claim(kNow), IsEmpty()) << "they are leased, and the release waits behind";
  store().write_now([&](store::Connection& db) { put_off_notice(db, claimed[0], kNow + 10min, "it answered 500"); });
  EXPECT_EQ(types(claim(kNow + 5min)).size(), 1U) << "the lease of the other one is over";
  store().write_now([&](store::Connection& db) { settle_notice(db, claimed[1], kNow); });
  claimed = claim(kNow + 11min);
  ASSERT_THAT(claimed, SizeIs(1));
  EXPECT_EQ(claimed[0].tries, 2);
  store().write_now([&](store::Connection& db) { settle_notice(db, claimed[0], kNow); });
  EXPECT_THAT(types(claim(kNow)), ElementsAre("contact.released"));
  const auto counts = count_notices(*store().read());
  ASSERT_THAT(counts, SizeIs(1));
  EXPECT_EQ(counts[0].sent, 2);
  EXPECT_EQ(counts[0].waiting, 1);
}

TEST_P(NoticeTest, ThatIsDeadHoldsNobodyUpAndCanBeRetried) {
  const auto aoi = reader("aoi@example.jp");
  targets({"crm"});
  stop(aoi);
  release(aoi);
  const auto first = claim(kNow);
  store().write_now([&](store::Connection& db) { put_off_notice(db, first.at(0), std::nullopt, "it answered 410"); });
  EXPECT_THAT(types(claim(kNow)), ElementsAre("contact.released"));
  const auto dead = find_notices(*store().read(), {.place = "dead"});
  ASSERT_THAT(dead, SizeIs(1));
  EXPECT_EQ(dead[0].problem, "it answered 410");
  std::int64_t retried = 0;
  store().write_now([&](store::Connection& db) { retried = retry_notices(db, dead[0].id, kNow); });
  EXPECT_EQ(retried, 1);
  EXPECT_THAT(types(claim(kNow)), ElementsAre("contact.stopped"));
}

class NotifierTest : public NoticeTest {
 protected:
  Notifier::Round round() { return net::run(runtime_, notifier_.round(target_)); }

  net::Runtime runtime_{{.threads = 1, .workers = 1}};
  base::ManualClock clock_{kNow};
  NotifyTarget target_{.name = "crm", .url = "", .secret = base::Secret("kagi"), .tries = 2};
  long status_ = 204;
  std::vector<NotePost> posts_;
  std::vector<std::string> results_;
  Notifier notifier_{
      store(),
      runtime_,
      clock_,
      {target_},
      [this](const NotifyTarget&, NotePost post) -> net::Task<base::Result<long>> { return answer(std::move(post)); },
      [this](const std::string&, std::string_view result) { results_.emplace_back(result); }};

 private:
  net::Task<base::Result<long>> answer(NotePost post) {
    posts_.push_back(std::move(post));
    if (status_ == 0) co_return base::Error{base::ErrorCode::unavailable, "no answer in time", "", ""};
    co_return status_;
  }
};
TODOKU_ON_BOTH_ENGINES(NotifierTest);

TEST_P(NotifierTest, PostsSignedAndOnce) {
  targets({"crm"});
  stop(reader("aoi@example.jp"));
  EXPECT_EQ(round().tried, 1U);
  EXPECT_EQ(round().tried, 0U);
  ASSERT_THAT(posts_, SizeIs(1));
  EXPECT_EQ(posts_[0].fields.at(0), "Todoku-Signature: " + signature_of("kagi", posts_[0].body, kNow));
  EXPECT_EQ(posts_[0].fields.at(1), "Todoku-Event: contact.stopped");
  EXPECT_THAT(all(), IsEmpty());
  EXPECT_THAT(results_, ElementsAre("sent"));
}

TEST_P(NotifierTest, TriesAgainLaterAndThenLeavesItDead) {
  targets({"crm"});
  stop(reader("aoi@example.jp"));
  status_ = 500;
  EXPECT_EQ(round().failed, 1U);
  EXPECT_EQ(round().tried, 0U) << "not yet";
  clock_.advance(10s);
  status_ = 0;
  EXPECT_EQ(round().failed, 1U);
  EXPECT_THAT(results_, ElementsAre("failed", "dead"));
  ASSERT_THAT(all(), SizeIs(1));
  EXPECT_TRUE(all()[0].dead);
  EXPECT_EQ(all()[0].problem, "no answer in time");
  clock_.advance(24h);
  EXPECT_EQ(round().tried, 0U);
}

}  // namespace
}  // namespace todoku::remedy
