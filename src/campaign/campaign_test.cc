#include "campaign/campaign.h"

#include <gmock/gmock.h>

#include "audience/contact.h"
#include "audience/list.h"
#include "campaign/status.h"
#include "queue/counts.h"
#include "queue/outcomes.h"
#include "queue/queue.h"
#include "store/test_store.h"

namespace todoku::campaign {
namespace {

using base::ErrorCode;

const base::Time kNow = base::from_stored(1'700'000'000'000);

class CampaignTest : public store::StoreTest {
 protected:
  base::ListId list() {
    base::ListId id;
    store().write_now([&](store::Connection& db) { id = audience::make_list(db, "読者", kNow); });
    return id;
  }

  base::ContactId reader(base::ListId list, const std::string& address, std::optional<std::string_view> consent) {
    base::ContactId id;
    store().write_now([&](store::Connection& db) {
      id = audience::add_contact(db, {.address = address, .name = "n", .fields = {}, .consent = consent}, kNow).value();
      audience::add_member(db, list, id);
    });
    return id;
  }

  base::Result<base::CampaignId> make(base::ListId list, std::string_view name = "秋") {
    base::Result<base::CampaignId> made = base::CampaignId{};
    store().write_now([&](store::Connection& db) {
      made = create(db, {.name = name, .list = list, .sender = sender_, .files = files_}, kNow);
    });
    return made;
  }

  Campaign found(std::string_view name = "秋") { return find(*store().read(), name).value(); }

  template <class Change>
  base::Result<void> change(Change apply) {
    base::Result<void> result = base::done;
    const Campaign now = found();
    store().write_now([&](store::Connection& db) { result = apply(db, now); });
    return result;
  }

  base::Result<void> start_it() {
    return change([](store::Connection& db, const Campaign& c) { return start(db, c, kNow); });
  }

  SenderIdentity sender_{.name = "店",
                         .address = "news@example.jp",
                         .reply_to = "",
                         .postal_address = "東京",
                         .contact = "03",
                         .bounce_domain = "example.jp",
                         .public_url = ""};
  base::BatchId batch_;
  std::vector<TemplateFile> files_{{"subject.txt", "件名"}, {"img/a.png", std::string("\0\xff", 2)}};
};
TODOKU_ON_BOTH_ENGINES(CampaignTest);

TEST_P(CampaignTest, KeepsSenderAndTemplateByteForByte) {
  const auto id = make(list());
  ASSERT_TRUE(id);
  const Campaign c = found();
  EXPECT_EQ(c.id, *id);
  EXPECT_EQ(c.state, State::draft);
  EXPECT_EQ(c.sender.postal_address, "東京");
  const auto files = template_files(*store().read(), *id);
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0].path, "img/a.png");
  EXPECT_EQ(files[0].content, files_[1].content);
}

TEST_P(CampaignTest, HasOneNameAndIsFoundByNumberToo) {
  const base::ListId readers = list();
  const auto id = make(readers);
  const auto again = make(readers);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::exists);
  EXPECT_EQ(find(*store().read(), std::to_string(id->value))->name, "秋");
  EXPECT_EQ(find(*store().read(), "春").error().code, ErrorCode::not_found);
}

TEST_P(CampaignTest, LaysDownOnlyWhoMayBeMailed) {
  const base::ListId readers = list();
  reader(readers, "a@example.jp", "form");
  reader(readers, "b@example.com", "form");
  reader(readers, "no-consent@example.jp", std::nullopt);
  ASSERT_TRUE(make(readers));
  ASSERT_TRUE(start_it());
  EXPECT_EQ(found().state, State::sending);
  EXPECT_EQ(found().total, 2);
  EXPECT_EQ(queue::counts_of(*store().read(), found().id).waiting, 2);
}

TEST_P(CampaignTest, RefusesToSendToNobody) {
  ASSERT_TRUE(make(list()));
  EXPECT_EQ(start_it().error().code, ErrorCode::invalid);
  EXPECT_EQ(found().state, State::draft);
}

TEST_P(CampaignTest, StartedByTwoAtOnceIsLaidDownOnce) {
  const base::ListId readers = list();
  reader(readers, "a@example.jp", "opt-in");
  ASSERT_TRUE(make(readers));
  const Campaign as_both_saw_it = found();
  for (int each = 0; each < 2; ++each) {
    store().write_now([&](store::Connection& db) { EXPECT_TRUE(start(db, as_both_saw_it, kNow)); });
  }
  EXPECT_EQ(found().total, 1);
  EXPECT_EQ(queue::counts_of(*store().read(), found().id).recipients, 1);
}

TEST_P(CampaignTest, PausesResumesAndIsCancelledOnce) {
  const base::ListId readers = list();
  reader(readers, "a@example.jp", "form");
  ASSERT_TRUE(make(readers));
  EXPECT_FALSE(change([](store::Connection& db, const Campaign& c) { return pause(db, c); }));
  ASSERT_TRUE(start_it());
  ASSERT_TRUE(change([](store::Connection& db, const Campaign& c) { return pause(db, c); }));
  EXPECT_EQ(found().state, State::paused);
  ASSERT_TRUE(start_it());
  EXPECT_EQ(found().total, 1);
  ASSERT_TRUE(change([](store::Connection& db, const Campaign& c) { return cancel(db, c, kNow); }));
  EXPECT_EQ(found().state, State::cancelled);
  EXPECT_EQ(start_it().error().code, ErrorCode::refused);
}

TEST_P(CampaignTest, IsFinishedOnlyWithAFinalOutcomeForEveryoneAndTellsCauses) {
  const base::ListId readers = list();
  const auto good = reader(readers, "good@example.jp", "form");
  const auto bad = reader(readers, "bad@example.jp", "form");
  ASSERT_TRUE(make(readers));
  ASSERT_TRUE(start_it());
  const base::CampaignId id = found().id;
  const auto record = [&](base::ContactId contact, queue::Result result) {
    store().write_now([&](store::Connection& db) {
      queue::Outcome outcome;
      outcome.campaign = id;
      outcome.contact = contact;
      outcome.batch = batch_;
      outcome.result = result;
      outcome.at = kNow;
      outcome.reason = result == queue::Result::failed ? "user_unknown" : "";
      outcome.text = "550 5.1.1 no such user";
      queue::append(db, std::span(&outcome, 1));
    });
  };
  store().write_now([&](store::Connection& db) {
    batch_ = queue::claim(db, {.owner = "t", .now = kNow, .except_sites = {}}).at(0).id;
  });
  record(good, queue::Result::delivered);
  bool finished = true;
  store().write_now([&](store::Connection& db) { finished = finish_if_done(db, id, kNow); });
  EXPECT_FALSE(finished);
  record(bad, queue::Result::failed);
  store().write_now([&](store::Connection& db) { finished = finish_if_done(db, id, kNow); });
  EXPECT_TRUE(finished);
  const Status status = status_of(*store().read(), found());
  EXPECT_EQ(status.campaign.state, State::finished);
  EXPECT_EQ(status.delivered, 1);
  EXPECT_EQ(status.failed, 1);
  ASSERT_EQ(status.causes.size(), 1U);
  EXPECT_EQ(status.causes[0].reason, "user_unknown");
  EXPECT_EQ(status.causes[0].example_address, "bad@example.jp");
  EXPECT_EQ(status.causes[0].example_reply, "550 5.1.1 no such user");
}

}  // namespace
}  // namespace todoku::campaign
