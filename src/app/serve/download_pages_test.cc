#include "app/serve/download_pages.h"

#include <gmock/gmock.h>

#include "audience/contact.h"
#include "audience/list.h"
#include "campaign/variant.h"
#include "store/test_store.h"
#include "tracking/token.h"

namespace todoku::app {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class DownloadPagesTest : public store::StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    store().write_now([&](store::Connection& db) { make(db); });
    pages_ = std::make_unique<DownloadPages>(store(), runtime_, clock_, 100);
    pages_->add_to(router_);
  }
  void TearDown() override {
    runtime_.close({});
    StoreTest::TearDown();
  }

  void make(store::Connection& db) {
    const auto list = audience::make_list(db, "all", clock_.now());
    contact_ =
        audience::add_contact(db, {.address = "a@one.jp", .name = "", .fields = {}, .consent = "form"}, clock_.now())
            .value();
    const campaign::SenderIdentity sender{.name = "",
                                          .address = "news@example.jp",
                                          .reply_to = "",
                                          .postal_address = "",
                                          .contact = "",
                                          .bounce_domain = "example.jp",
                                          .public_url = "https://example.jp"};
    const std::vector<campaign::TemplateFile> files{{"subject.txt", "s"},
                                                    {"body.txt", "b"},
                                                    {"attachments/報告\r\nX-Evil: 1.pdf", "PDF"},
                                                    {"attachments/page.html", "<script>"}};
    original_ =
        campaign::create(db, {.name = "autumn", .list = list, .sender = sender, .files = files}, clock_.now()).value();
    const campaign::Variant variant{.original = original_,
                                    .kind = campaign::VariantKind::links,
                                    .files = {files[2].path, files[3].path},
                                    .expires_at = clock_.now() + std::chrono::days(1)};
    const campaign::VariantRecipient to{contact_, "one.jp"};
    links_ = campaign::start_variant(db, variant, {&to, 1}, "https://example.jp", clock_.now()).value();
  }

  http::Response get(const std::string& token, const std::string& number) {
    http::Request request;
    request.peer = "192.0.2.1";
    request.path = {"d", token, number};
    request.fields.add("Accept-Language", "en");
    const auto match = router_.match(request);
    EXPECT_NE(match.route, nullptr);
    return net::run(runtime_, match.route->handler(request));
  }
  std::string token(tracking::Purpose purpose = tracking::Purpose::download) {
    return tracking::load_tokens(store(), clock_.now()).sign(purpose, {links_, contact_});
  }

  base::ManualClock clock_{base::from_stored(1'700'000'000'000)};
  net::Runtime runtime_{{.threads = 1, .workers = 1}};
  base::ContactId contact_;
  base::CampaignId original_;
  base::CampaignId links_;
  std::unique_ptr<DownloadPages> pages_;
  http::Router router_;
};
TODOKU_ON_BOTH_ENGINES(DownloadPagesTest);

TEST_P(DownloadPagesTest, GivesTheFileToBeSavedAndNeverShown) {
  const auto pdf = get(token(), "1");
  EXPECT_EQ(pdf.status, 200);
  EXPECT_EQ(pdf.body, "PDF");
  EXPECT_EQ(pdf.fields.get("Content-Type"), "application/pdf");
  EXPECT_EQ(pdf.fields.get("X-Content-Type-Options"), "nosniff");
  const std::string disposition(pdf.fields.get("Content-Disposition"));
  EXPECT_THAT(disposition, HasSubstr("attachment; filename*=UTF-8''"));
  EXPECT_EQ(disposition.find_first_of("\r\n"), disposition.npos);
  const auto html = get(token(), "2");
  EXPECT_EQ(html.body, "<script>");
  EXPECT_EQ(html.fields.get("Content-Type"), "application/octet-stream");
}

TEST_P(DownloadPagesTest, IsOverWhenItsTimeIsOver) {
  clock_.advance(std::chrono::days(1) - std::chrono::milliseconds(1));
  EXPECT_EQ(get(token(), "1").status, 200);
  clock_.advance(std::chrono::milliseconds(1));
  const auto late = get(token(), "1");
  EXPECT_EQ(late.status, 410);
  EXPECT_THAT(late.body, Not(HasSubstr("PDF")));
}

TEST_P(DownloadPagesTest, AnswersEveryWrongLinkAlike) {
  const std::string wrong = get("abc", "1").body;
  const auto other = [&](const std::string& with, const std::string& number) {
    const auto response = get(with, number);
    EXPECT_EQ(response.status, 404) << with << "/" << number;
    EXPECT_EQ(response.body, wrong);
  };
  other(token(tracking::Purpose::unsubscribe), "1");
  other(token(), "3");
  other(token(), "-1");
  other(token(), "1x");
  other(tracking::load_tokens(store(), clock_.now()).sign(tracking::Purpose::download, {original_, contact_}), "1");
}

TEST_P(DownloadPagesTest, GivesOneLinksFilesOnlySoOften) {
  for (int i = 0; i < 6; ++i) EXPECT_EQ(get(token(), "1").status, 200);
  EXPECT_EQ(get(token(), "2").status, 429);
}

}  // namespace
}  // namespace todoku::app
