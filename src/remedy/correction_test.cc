#include "remedy/correction.h"

#include <gmock/gmock.h>

#include "audience/contact_event.h"
#include "audience/suppression.h"
#include "remedy/resend.h"
#include "remedy/test_campaign.h"

namespace todoku::remedy {
namespace {

using base::ErrorCode;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class CorrectionTest : public CampaignStoreTest {
 protected:
  base::Result<CorrectionDone> correct(std::string_view address, std::string_view right) {
    std::optional<base::Result<CorrectionDone>> done;
    store().write_now(
        [&](store::Connection& db) { done = correct_and_resend(db, {.address = address, .right = right}, now_); });
    return *done;
  }

  /// A campaign whose mail to aoi@gmial.com failed and stopped her.
  void fail() {
    begin({"aoi@gmial.com", "ren@gmail.com"});
    send({{"aoi@gmial.com", "user_unknown"}});
    store().write_now([&](store::Connection& db) {
      const std::vector<audience::Event> events{{.contact = reader("aoi@gmial.com"),
                                                 .campaign = campaign_,
                                                 .at = now_,
                                                 .reason = bounce::Reason::user_unknown,
                                                 .effect = bounce::Effect::hard,
                                                 .permanent = true,
                                                 .reply = "550 5.1.1"}};
      audience::StopPolicy().record(db, events);
    });
    ASSERT_EQ(contact("aoi@gmial.com")->state, audience::State::stopped);
  }
  std::optional<audience::Contact> contact(std::string_view address) {
    return audience::find_contact(*store().read(), address);
  }
};
TODOKU_ON_BOTH_ENGINES(CorrectionTest);

TEST_P(CorrectionTest, ReleasesAndSendsThatMailToTheRightAddressOnce) {
  fail();
  const auto done = correct("AOI@gmial.com", " Aoi@gmail.com ");
  ASSERT_TRUE(done);
  EXPECT_EQ(done->campaign->id, campaign_);
  ASSERT_EQ(done->corrected.released.size(), 1U);
  EXPECT_EQ(done->corrected.released[0].reason, bounce::Reason::user_unknown);
  const auto now = contact("aoi@gmail.com");
  ASSERT_TRUE(now);
  EXPECT_EQ(now->id, reader("aoi@gmial.com"));
  EXPECT_EQ(now->address, "Aoi@gmail.com");
  EXPECT_EQ(now->domain, "gmail.com");
  EXPECT_EQ(now->state, audience::State::active);
  EXPECT_FALSE(contact("aoi@gmial.com"));
  EXPECT_THAT(audience::find_stops(*store().read(), {.contact = now->id}), IsEmpty());
  EXPECT_EQ(store().read()->query_integer("select count(*) from contact_error"), 0);
  const auto events = audience::events_of(*store().read(), now->id);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].kind, "corrected");
  EXPECT_EQ(events[0].cause, "aoi@gmial.com");
  EXPECT_EQ(events[0].campaign, campaign_);
  EXPECT_EQ(store().read()->query_text("select release_note from stop"), "address corrected to Aoi@gmail.com");
  EXPECT_THAT(send({}), ElementsAre("Aoi@gmail.com"));
  EXPECT_EQ(resends_of(*store().read(), campaign_).at(0).delivered, 1);
  EXPECT_EQ(found().state, campaign::State::finished);
}

TEST_P(CorrectionTest, IsRefusedForAddressesThatCannotBe) {
  fail();
  store().write_now([&](store::Connection& db) {
    audience::suppress(db, "gone@gmail.com", {.reason = "unsubscribed", .note = {}, .at = now_});
  });
  const std::vector<std::pair<std::string_view, ErrorCode>> cases{{"ren@gmail.com", ErrorCode::exists},
                                                                  {"gone@gmail.com", ErrorCode::refused},
                                                                  {"aoi@@gmail.com", ErrorCode::invalid},
                                                                  {"aoi", ErrorCode::invalid},
                                                                  {"AOI@GMIAL.com", ErrorCode::invalid}};
  for (const auto& [right, code] : cases) {
    const auto done = correct("aoi@gmial.com", right);
    ASSERT_FALSE(done) << right;
    EXPECT_EQ(done.error().code, code) << done.error().text();
  }
  EXPECT_EQ(correct("nobody@gmail.com", "x@gmail.com").error().code, ErrorCode::not_found);
  EXPECT_EQ(contact("aoi@gmial.com")->state, audience::State::stopped);
  EXPECT_THAT(send({}), IsEmpty());
}

TEST_P(CorrectionTest, DoesNotBringBackWhoRefused) {
  fail();
  store().write_now([&](store::Connection& db) {
    ASSERT_TRUE(audience::unsubscribe(db, reader("aoi@gmial.com"), "unsubscribed", now_));
  });
  EXPECT_EQ(correct("aoi@gmial.com", "aoi@gmail.com").error().code, ErrorCode::refused);
}

TEST_P(CorrectionTest, OfAReaderWhoseTurnIsStillToComeSendsOnce) {
  begin({"aoi@gmial.com"});
  std::optional<base::Result<CorrectionDone>> done;
  store().write_now([&](store::Connection& db) {
    done = correct_and_resend(
        db, {.address = "aoi@gmial.com", .right = "aoi@gmail.com", .campaign = campaign::find(db, campaign_)}, now_);
  });
  ASSERT_TRUE(*done);
  EXPECT_TRUE((*done)->waited);
  EXPECT_THAT(send({}), ElementsAre("aoi@gmail.com"));
}

TEST_P(CorrectionTest, WithoutAnyFailureSendsNothing) {
  begin({"aoi@gmial.com"});
  send({});
  const auto done = correct("aoi@gmial.com", "aoi@gmail.com");
  ASSERT_TRUE(done);
  EXPECT_FALSE(done->campaign);
  EXPECT_THAT(send({}), IsEmpty());
}

}  // namespace
}  // namespace todoku::remedy
