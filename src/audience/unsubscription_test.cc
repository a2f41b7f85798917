#include "audience/unsubscription.h"

#include <gmock/gmock.h>

#include "audience/contact.h"
#include "audience/contact_event.h"
#include "audience/suppression.h"
#include "store/test_store.h"

namespace todoku::audience {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

const base::Time kNow = base::from_stored(1'790'000'000'000);

class UnsubscriptionTest : public store::StoreTest {
 protected:
  base::ContactId add(std::string_view address) {
    base::ContactId id;
    store().write_now([&](store::Connection& db) {
      id = add_contact(db, {.address = address, .name = "", .fields = {}, .consent = "form"}, kNow).value();
    });
    return id;
  }
  bool refuse(const Refusal& refusal) {
    bool changed = false;
    store().write_now([&](store::Connection& db) { changed = refuse_mail(db, refusal, kNow); });
    return changed;
  }
};
TODOKU_ON_BOTH_ENGINES(UnsubscriptionTest);

TEST_P(UnsubscriptionTest, ChangesStateAndIsRememberedWithItsCause) {
  const base::ContactId contact = add("reader@example.jp");
  EXPECT_TRUE(refuse({contact, {7}, RefusalCause::one_click}));
  const auto db = store().read();
  EXPECT_EQ(find_contact(*db, contact)->state, State::unsubscribed);
  EXPECT_EQ(find_suppression(*db, "reader@example.jp")->reason, kUnsubscribed);
  const auto events = events_of(*db, contact);
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0].kind, kUnsubscribedEvent);
  EXPECT_EQ(events[0].cause, "one_click");
  EXPECT_EQ(events[0].campaign, base::CampaignId{7});
  EXPECT_EQ(events[0].at, kNow);
}

TEST_P(UnsubscriptionTest, HappensOnce) {
  const base::ContactId contact = add("reader@example.jp");
  EXPECT_TRUE(refuse({contact, {}, RefusalCause::page}));
  EXPECT_FALSE(refuse({contact, {7}, RefusalCause::one_click}));
  const auto events = events_of(*store().read(), contact);
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0].cause, "page");
  EXPECT_FALSE(events[0].campaign);
}

TEST_P(UnsubscriptionTest, OfAContactThatIsGoneChangesNothing) {
  EXPECT_FALSE(refuse({{99}, {7}, RefusalCause::page}));
  EXPECT_THAT(events_of(*store().read(), {99}), IsEmpty());
}

}  // namespace
}  // namespace todoku::audience
