#include "remedy/split.h"

#include <gmock/gmock.h>

#include "campaign/message.h"
#include "mail/address.h"
#include "mail/mime_reader.h"
#include "mail/read_mail.h"
#include "queue/counts.h"
#include "remedy/last_words.h"
#include "remedy/links.h"
#include "remedy/size_limit.h"
#include "remedy/test_campaign.h"

namespace todoku::remedy {
namespace {

using bounce::Reason;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(Pack, KeepsTheOrderAndFillsUp) {
  const std::vector<AttachmentSize> files{{"a", 0, 40}, {"b", 0, 50}, {"c", 0, 20}, {"d", 0, 90}};
  EXPECT_THAT(pack(files, 100).value(), ElementsAre(ElementsAre("a", "b"), ElementsAre("c"), ElementsAre("d")));
  EXPECT_THAT(pack(files, 1000).value(), SizeIs(1));
  EXPECT_EQ(pack(files, 89).error().where, "d");
  EXPECT_EQ(pack(files, -1).error().where, "a");
}

class SplitTest : public CampaignStoreTest {
 protected:
  void SetUp() override {
    CampaignStoreTest::SetUp();
    files_.push_back({"attachments/a.pdf", std::string(300'000, 'a')});
    files_.push_back({"attachments/b.pdf", std::string(300'000, 'b')});
    files_.push_back({"attachments/c.txt", std::string(50'000, 'c')});
  }

  SplitPlan split_it(const SplitWanted& wanted = {}) {
    SplitPlan plan;
    store().write_now([&](store::Connection& db) {
      plan = plan_split(db, found(), wanted, now_).value();
      carried_ = split(db, found(), wanted, plan, now_).value();
    });
    return plan;
  }
  SplitPlan planned() { return plan_split(*store().read(), found(), {}, now_).value(); }

  /// One recipient's mail of a campaign or variant.
  std::string mail_of(base::CampaignId id, const std::string& downloads_url = "") {
    const auto db = store().read();
    const auto message = campaign::compile_stored(*db, *campaign::find(*db, id)).value();
    campaign::MessageWriter writer(message);
    const auto address = *mail::parse_address("a@one.jp");
    std::string out;
    EXPECT_TRUE(writer.write({.address = address,
                              .name = "",
                              .fields = {},
                              .message_id = "m",
                              .date = now_,
                              .unsubscribe_url = "https://example.jp/u/x",
                              .unsubscribe_mailto = "",
                              .trace = "",
                              .downloads_url = downloads_url},
                             out));
    return out;
  }
  static std::string subject_of(const std::string& mail) {
    const mail::MimeReader reader(mail);
    return mail::decoded_header(reader.field(reader.top(), "Subject"));
  }

  const std::map<std::string, std::string> too_big_{{"a@one.jp", "message_too_big"}, {"b@two.jp", "message_too_big"}};
  std::vector<base::CampaignId> carried_;
};
TODOKU_ON_BOTH_ENGINES(SplitTest);

TEST_P(SplitTest, SendsPartsOfTheSizeThatTheServerTakes) {
  begin({"a@one.jp", "b@two.jp", "c@three.jp"});
  words_ = {{"a@one.jp", "552 5.3.4 Message size exceeds fixed limit of 500000 bytes"},
            {"b@two.jp", "552 at most 475000 bytes are taken"},
            {"c@three.jp", "552 SIZE 600000"}};
  auto failing = too_big_;
  failing["c@three.jp"] = "message_too_big";
  send(failing);
  const SplitPlan plan = split_it();
  ASSERT_THAT(plan.groups, SizeIs(2));
  EXPECT_EQ(plan.groups[0].limit, 500'000);
  EXPECT_FALSE(plan.groups[0].guessed);
  EXPECT_THAT(plan.groups[0].parts,
              ElementsAre(ElementsAre("attachments/a.pdf"), ElementsAre("attachments/b.pdf", "attachments/c.txt")));
  EXPECT_THAT(plan.groups[0].recipients, SizeIs(2)) << "the same parts, with the smaller limit";
  EXPECT_THAT(plan.groups[1].parts, SizeIs(3));
  ASSERT_THAT(carried_, SizeIs(5));
  EXPECT_THAT(send({}), testing::UnorderedElementsAre("a@one.jp", "a@one.jp", "c@three.jp", "c@three.jp", "b@two.jp",
                                                      "b@two.jp", "b@two.jp"));

  const std::string first = mail_of(carried_[0]);
  const std::string second = mail_of(carried_[1]);
  EXPECT_LT(first.size(), 500'000U);
  EXPECT_LT(second.size(), 500'000U);
  EXPECT_EQ(subject_of(first), "s (2通中1通目)");
  EXPECT_EQ(subject_of(second), "s (2通中2通目)");
  const mail::MimeReader parts(second);
  ASSERT_THAT(parts.parts(), SizeIs(4)) << "a whole mail: text and two files";
  EXPECT_EQ(parts.bytes(parts.parts()[3], 1'000'000), std::string(50'000, 'c'));
  EXPECT_THAT(mail_of(campaign_), testing::Not(HasSubstr("通目")));
}

TEST_P(SplitTest, SendsNothingTwice) {
  begin({"a@one.jp"});
  words_ = {{"a@one.jp", "552 limit 500000 bytes"}};
  send(too_big_);
  split_it({.language = "en"});
  EXPECT_EQ(subject_of(mail_of(carried_[0])), "s (part 1 of 2)");
  EXPECT_EQ(planned().waiting, 1);
  EXPECT_THAT(planned().groups, IsEmpty());
  send({});
  EXPECT_EQ(planned().waiting, 0);
  EXPECT_THAT(planned().groups, IsEmpty()) << "all parts were delivered";
  const auto resends = resends_of(*store().read(), campaign_);
  ASSERT_THAT(resends, SizeIs(2));
  EXPECT_EQ(resends[0].via, carried_[0]);
  EXPECT_EQ(resends[0].cause, "message_too_big");
  EXPECT_EQ(resends[1].delivered, 1);
  EXPECT_EQ(resends[1].waiting, 0);
}

TEST_P(SplitTest, LearnsFromWhatIsSaidOfTheParts) {
  begin({"a@one.jp"});
  words_ = {{"a@one.jp", "552 too big"}};
  send(too_big_);
  const SplitPlan guessed = split_it();
  ASSERT_THAT(guessed.groups, SizeIs(1));
  EXPECT_TRUE(guessed.groups[0].guessed);
  words_ = {{"a@one.jp", "552 limit 450000 bytes"}};
  send(too_big_);
  const SplitPlan again = split_it();
  ASSERT_THAT(again.groups, SizeIs(1));
  EXPECT_EQ(again.groups[0].limit, 450'000);
  EXPECT_FALSE(again.groups[0].guessed);
}

TEST_P(SplitTest, TellsWhatCannotBeSplit) {
  begin({"a@one.jp", "b@two.jp"});
  words_ = {{"a@one.jp", "552 limit 100000 bytes"}, {"b@two.jp", "552 limit 5 MB"}};
  send(too_big_);
  const SplitPlan plan = planned();
  EXPECT_THAT(plan.groups, IsEmpty());
  ASSERT_THAT(plan.unsplittable, SizeIs(1));
  EXPECT_EQ(plan.unsplittable[0].file, "a.pdf");
  EXPECT_EQ(plan.unsplittable[0].size, 300'000);
  EXPECT_EQ(plan.fits, 1) << "5 MB would do";
}

TEST_P(SplitTest, GoesByTheLimitAndTheReaderAskedFor) {
  begin({"a@one.jp", "b@two.jp"});
  send(too_big_);
  const SplitPlan plan = split_it({.only = reader("b@two.jp"), .limit = 480'000});
  ASSERT_THAT(plan.groups, SizeIs(1));
  EXPECT_THAT(plan.groups[0].recipients, ElementsAre(testing::Field(&Recipient::contact, reader("b@two.jp"))));
  EXPECT_EQ(plan.groups[0].limit, 480'000);
}

TEST_P(SplitTest, RefusesWhatHasNothingToSplit) {
  files_ = {{"subject.txt", "s"}, {"body.txt", "b"}};
  begin({"a@one.jp"});
  send(too_big_);
  EXPECT_EQ(plan_split(*store().read(), found(), {}, now_).error().code, base::ErrorCode::invalid);
}

TEST_P(SplitTest, AVariantHasNoVariants) {
  begin({"a@one.jp"});
  words_ = {{"a@one.jp", "552 limit 500000 bytes"}};
  send(too_big_);
  split_it();
  store().write_now([&](store::Connection& db) {
    const auto via =
        send_in_other_form(db, *campaign::find(db, carried_[0]),
                           {.variant = {.original = carried_[0]}, .cause = "message_too_big", .public_url = ""},
                           {{reader("a@one.jp"), "one.jp"}}, now_);
    EXPECT_EQ(via.error().code, base::ErrorCode::refused);
  });
}

TEST_P(SplitTest, LinksReplaceAllAttachmentsForATime) {
  begin({"a@one.jp"});
  send(too_big_);
  base::CampaignId via;
  store().write_now([&](store::Connection& db) {
    const auto recipients = unreached(db, campaign_, LinksWanted{}.reasons, {}, now_).recipients;
    EXPECT_EQ(send_links(db, found(), {.valid = std::chrono::days(14)}, recipients, now_).error().code,
              base::ErrorCode::invalid)
        << "no public URL";
    via =
        send_links(db, found(), {.valid = std::chrono::days(14), .public_url = "https://example.jp"}, recipients, now_)
            .value();
  });
  const std::string mail = mail_of(via, "https://example.jp/d/token");
  EXPECT_LT(mail.size(), 10'000U);
  const mail::MimeReader reader(mail);
  const std::string text = reader.text(reader.top());
  EXPECT_THAT(text, HasSubstr("a.pdf (300 kB)\nhttps://example.jp/d/token/1\n"));
  EXPECT_THAT(text, HasSubstr("c.txt (50 kB)\nhttps://example.jp/d/token/3\n"));
  EXPECT_THAT(text, HasSubstr("期限: 2023-11-29 07:00")) << text;
  const auto db = store().read();
  const auto download = campaign::download_of(*db, via, 2);
  ASSERT_TRUE(download);
  EXPECT_EQ(download->name, "b.pdf");
  EXPECT_EQ(download->content, std::string(300'000, 'b'));
  EXPECT_EQ(download->expires_at, now_ + std::chrono::days(14));
  EXPECT_FALSE(campaign::download_of(*db, via, 4));
  EXPECT_FALSE(campaign::download_of(*db, via, 0));
  EXPECT_FALSE(campaign::download_of(*db, campaign_, 1)) << "the original offers no links";
}

TEST_P(SplitTest, ReflowMakesEveryLineShort) {
  files_ = {{"subject.txt", "s"}, {"body.txt", std::string(900, 'x') + "\n{{ unsubscribe_url }}\n"}};
  begin({"a@one.jp"});
  send({{"a@one.jp", "line_too_long"}});
  base::CampaignId via;
  store().write_now([&](store::Connection& db) {
    const auto recipients = unreached(db, campaign_, {Reason::line_too_long}, {}, now_).recipients;
    via = send_in_other_form(db, found(),
                             {.variant = {.original = campaign_, .kind = campaign::VariantKind::reflow},
                              .cause = "line_too_long",
                              .public_url = ""},
                             recipients, now_)
              .value();
  });
  const auto longest = [](const std::string& mail) {
    std::size_t most = 0;
    for (std::size_t at = 0, end = 0; (end = mail.find("\r\n", at)) != mail.npos; at = end + 2) {
      most = std::max(most, end - at);
    }
    return most;
  };
  const std::string before = mail_of(campaign_);
  const std::string after = mail_of(via);
  EXPECT_LE(longest(before), 76U) << "texts are encoded anyway";
  EXPECT_LE(longest(after), 78U);
  const mail::MimeReader one(before);
  const mail::MimeReader other(after);
  std::string text = other.text(other.top());
  EXPECT_THAT(text, testing::StartsWith(std::string(77, 'x') + " \n")) << "nor is a line long once it is decoded";
  for (std::size_t at = text.find(" \n"); at != text.npos; at = text.find(" \n")) text.erase(at, 2);
  EXPECT_EQ(text, one.text(one.top())) << "as a reader of format=flowed joins it";
  EXPECT_THAT(after, testing::HasSubstr("format=flowed; delsp=yes"));
  EXPECT_EQ(subject_of(before), subject_of(after));
}

}  // namespace
}  // namespace todoku::remedy
