#include "submission/submission.h"

#include <gmock/gmock.h>

#include "audience/contact.h"
#include "audience/suppression.h"
#include "audience/transactional.h"
#include "queue/counts.h"
#include "queue/outcomes.h"
#include "queue/queue.h"
#include "store/test_store.h"
#include "submission/submission_mails.h"

namespace todoku::submission {
namespace {

using ::testing::StartsWith;
using namespace std::chrono_literals;

constexpr base::Time kNow{1'800'000'000'000ms};

tracking::Tokens tokens() {
  std::vector<tracking::TokenKey> keys;
  keys.push_back({1, base::Secret(std::string(tracking::Tokens::kSecretSize, 'k'))});
  return tracking::Tokens(std::move(keys));
}

class Sink final : public queue::OutcomeSink {
 public:
  void record(store::Connection& db, std::span<const queue::Outcome> outcomes) override {
    submission::record(db, outcomes);
  }
};

class SubmissionTest : public store::StoreTest {
 protected:
  template <class T>
  T write(const std::function<T(store::Connection&)>& work) {
    std::optional<T> result;
    store().write_now([&](store::Connection& db) { result = work(db); });
    return std::move(*result);
  }
  std::int64_t accepted(const std::vector<std::string>& recipients,
                        queue::Priority priority = queue::Priority::transactional) {
    NewSubmission wanted;
    wanted.priority = priority;
    wanted.sender = "shop@shop.example";
    wanted.return_domain = "bounce.example";
    wanted.mail = {"From: shop@shop.example\r\n\r\nx\r\n", "<1@shop.example>", false, false};
    for (const std::string& text : recipients) wanted.recipients.push_back(mail::parse_address(text).value());
    return write<std::int64_t>([&](store::Connection& db) { return accept(db, wanted, kNow); });
  }
  std::vector<queue::Batch> claimed() {
    return write<std::vector<queue::Batch>>([](store::Connection& db) {
      return queue::claim(db, {.owner = "us", .now = kNow, .max_batches = 10, .except_sites = {}});
    });
  }
  void end(const queue::Batch& batch, queue::Result result) {
    std::vector<queue::Outcome> outcomes;
    for (const base::ContactId contact : batch.contacts) {
      queue::Outcome outcome;
      outcome.campaign = batch.campaign;
      outcome.contact = contact;
      outcome.batch = batch.id;
      outcome.result = result;
      outcome.at = kNow + 1s;
      outcomes.push_back(outcome);
    }
    Sink sink;
    store().write_now([&](store::Connection& db) {
      queue::append(db, outcomes, &sink);
      if (queue::is_final(result)) queue::finish(db, batch, {}, kNow + 1s);
    });
  }
};
TODOKU_ON_BOTH_ENGINES(SubmissionTest);

TEST_P(SubmissionTest, IsInTheQueueBeforeBulkMail) {
  store().write_now([](store::Connection& db) {
    const std::vector<base::ContactId> bulk = {{77}};
    queue::lay_down(db, {.campaign = {1}, .now = kNow}, "bulk.example", bulk);
  });
  const std::int64_t id = accepted({"a@one.example", "A@ONE.example", "b@two.example"});
  const auto batches = claimed();
  ASSERT_EQ(batches.size(), 3U);
  EXPECT_EQ(batches[0].campaign, campaign_of(id));
  EXPECT_EQ(batches[0].priority, queue::Priority::transactional);
  EXPECT_TRUE(is_submission(batches[1].campaign));
  EXPECT_FALSE(is_submission(batches[2].campaign));
  EXPECT_EQ(find(*store().read(), id)->recipients, 2) << "one mailbox, one mail";
}

TEST_P(SubmissionTest, ATestMailGoesBeforeOtherSubmissions) {
  const std::int64_t first = accepted({"a@one.example"});
  const std::int64_t id = accepted({"b@two.example"}, queue::Priority::test);
  const auto batches = claimed();
  ASSERT_EQ(batches.size(), 2U);
  EXPECT_EQ(batches[0].campaign, campaign_of(id));
  EXPECT_EQ(batches[0].priority, queue::Priority::test);
  EXPECT_EQ(batches[1].campaign, campaign_of(first));
}

TEST_P(SubmissionTest, ItsMailsCarryASignedReturnPathAndNoClient) {
  const std::int64_t id = accepted({"Reader@one.example"});
  const auto batch = claimed().at(0);
  SubmissionMails mails(store(), tokens(), "mail.example");
  const auto opened = mails.open(batch.campaign, batch.contacts);
  queue::Mail mail, again;
  std::string why;
  ASSERT_TRUE(opened->mail(batch.contacts[0], mail, why));
  EXPECT_EQ(mail.recipient, "Reader@one.example");
  EXPECT_EQ(opened->domain(batch.contacts[0]), "one.example");
  EXPECT_THAT(mail.content,
              StartsWith("Received: by mail.example (Todoku) with ESMTPSA id " + std::to_string(id) + ";"));
  EXPECT_TRUE(mail.content.ends_with("From: shop@shop.example\r\n\r\nx\r\n"));
  EXPECT_THAT(mail.sender, StartsWith("bounces+"));
  const std::string token = mail.sender.substr(8, mail.sender.find('@') - 8);
  const auto signed_for = tokens().verify(tracking::Purpose::return_path, token);
  ASSERT_TRUE(signed_for);
  EXPECT_EQ(signed_for->campaign, campaign_of(id));
  EXPECT_EQ(signed_for->contact, batch.contacts[0]);
  ASSERT_TRUE(mails.open(batch.campaign, batch.contacts)->mail(batch.contacts[0], again, why));
  EXPECT_EQ(again.content, mail.content);
  EXPECT_EQ(again.sender, mail.sender);
}

TEST_P(SubmissionTest, IsForgottenWithItsLastOutcome) {
  const std::int64_t id = accepted({"a@one.example", "b@two.example"});
  const auto batches = claimed();
  end(batches.at(0), queue::Result::delivered);
  EXPECT_EQ(find(*store().read(), id)->open_recipients, 1);
  EXPECT_FALSE(find(*store().read(), id)->content.empty());
  end(batches.at(1), queue::Result::deferred);
  EXPECT_FALSE(find(*store().read(), id)->finished_at);
  end(batches.at(1), queue::Result::failed);
  const auto over = find(*store().read(), id);
  EXPECT_EQ(over->finished_at, kNow + 1s);
  EXPECT_TRUE(over->content.empty());
  EXPECT_EQ(over->open_recipients, 0);
  const auto all = recipients(*store().read(), id);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_NE(all[0].result, all[1].result);
  end(batches.at(1), queue::Result::failed);
  EXPECT_EQ(find(*store().read(), id)->open_recipients, 0) << "an outcome counts once";
}

TEST_P(SubmissionTest, WhoMayNotBeMailedIsSkipped) {
  accepted({"complains@one.example", "unsubscribes@one.example", "fine@one.example"});
  const auto batch = claimed().at(0);
  store().write_now([](store::Connection& db) {
    const auto complains = audience::find_contact(db, "complains@one.example")->id;
    const auto unsubscribes = audience::find_contact(db, "unsubscribes@one.example")->id;
    ASSERT_TRUE(audience::unsubscribe(db, complains, audience::kComplaint, kNow));
    ASSERT_TRUE(audience::unsubscribe(db, unsubscribes, audience::kUnsubscribed, kNow));
  });
  SubmissionMails mails(store(), tokens(), "mail.example");
  const auto opened = mails.open(batch.campaign, batch.contacts);
  int sendable = 0;
  for (const base::ContactId contact : batch.contacts) {
    queue::Mail mail;
    std::string why;
    if (opened->mail(contact, mail, why)) {
      ++sendable;
      EXPECT_NE(mail.recipient, "complains@one.example");
    } else {
      EXPECT_EQ(why, "not_sendable");
      EXPECT_EQ(opened->domain(contact), "");
    }
  }
  EXPECT_EQ(sendable, 2) << "who unsubscribed from newsletters still gets a receipt";
  EXPECT_TRUE(audience::refuses_all_mail(*store().read(), "complains@one.example"));
  EXPECT_FALSE(audience::refuses_all_mail(*store().read(), "unsubscribes@one.example"));
  EXPECT_FALSE(audience::refuses_all_mail(*store().read(), "nobody@one.example"));
}

TEST_P(SubmissionTest, ItsContactsGetNoCampaign) {
  accepted({"a@one.example"});
  const auto contact = audience::find_contact(*store().read(), "a@one.example");
  ASSERT_TRUE(contact);
  EXPECT_FALSE(contact->consent);
}

TEST_P(SubmissionTest, AKeyIsKnownByItsSecretAlone) {
  using Made = base::Result<base::Secret>;
  const auto make = [&](const NewKey& wanted) {
    return write<std::optional<Made>>(
        [&](store::Connection& db) { return std::optional(create_key(db, wanted, kNow)); });
  };
  const auto secret = make({"shop", {"Shop.example", "日本語.jp"}, 10, 100});
  ASSERT_TRUE(*secret);
  EXPECT_GE((*secret)->reveal().size(), 40U);
  const auto check = [&](std::string_view name, std::string_view password) {
    return check_key(*store().read(), name, base::Secret(std::string(password)));
  };
  const auto key = check("shop", (*secret)->reveal());
  ASSERT_TRUE(key);
  EXPECT_EQ(key->per_minute, 10);
  EXPECT_TRUE(key->allows("shop.example"));
  EXPECT_TRUE(key->allows("xn--wgv71a119e.jp"));
  EXPECT_FALSE(key->allows("a.shop.example") || key->allows("") || key->allows("example"));
  EXPECT_FALSE(check("shop", ""));
  EXPECT_FALSE(check("shop", (*secret)->reveal().substr(1)));
  EXPECT_FALSE(check("shop", std::string(1000, 'x')));
  EXPECT_FALSE(check("other", (*secret)->reveal()));
  EXPECT_FALSE(check(std::string("shop\0", 5), (*secret)->reveal()));
  EXPECT_FALSE(*make({"shop", {"shop.example"}})) << "taken";
  EXPECT_FALSE(*make({"", {"shop.example"}}));
  EXPECT_FALSE(*make({"a b", {"shop.example"}}));
  EXPECT_FALSE(*make({"a", {}}));
  EXPECT_FALSE(*make({"a", {"no domain"}}));
  EXPECT_FALSE(*make({"a", {"shop.example"}, -1}));
  store().write_now([](store::Connection& db) {
    ASSERT_TRUE(revoke_key(db, "shop", kNow));
    ASSERT_TRUE(revoke_key(db, "shop", kNow));
    ASSERT_FALSE(revoke_key(db, "none", kNow));
  });
  EXPECT_FALSE(check("shop", (*secret)->reveal()));
  EXPECT_FALSE(find_key(*store().read(), "shop"));
  EXPECT_EQ(keys(*store().read()).size(), 1U);
}

}  // namespace
}  // namespace todoku::submission
