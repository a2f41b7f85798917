// When the page answers 200, and what it answers while the database is away.
#include "app/serve/webhook_pages.h"

#include <gmock/gmock.h>

#include "store/connection.h"

namespace todoku::app {
namespace {

using intake::webhooks::Webhooks;
using ::testing::HasSubstr;

class Taker final : public intake::Taker {
 public:
  void take(std::span<const intake::Arrival>) override {}
  void take(std::span<const intake::RelayWord> words) override {
    if (away) throw store::Failure(store::Failure::Kind::lost, "the server is gone");
    taken += words.size();
    ++groups;
  }
  bool away = false;
  std::size_t taken = 0;
  int groups = 0;
};

class WebhookPagesTest : public testing::Test {
 protected:
  WebhookPagesTest() : rules_(std::move(bounce::Rules::load()).value()) {
    intake::webhooks::Settings settings;
    settings.brevo_secret = base::Secret("0123456789abcdef");
    auto webhooks = Webhooks::make(std::move(settings), *rules_, {});
    pages_.set(*std::move(webhooks));
    pages_.add_to(router_);
  }

  http::Response post(const std::string& body) {
    http::Request request;
    request.method = http::Method::post;
    request.path = {"webhooks", "brevo", "0123456789abcdef"};
    request.body = body;
    const auto match = router_.match(request);
    EXPECT_NE(match.route, nullptr);
    return net::run(runtime_, match.route->handler(request));
  }

  std::unique_ptr<bounce::Rules> rules_;
  net::Runtime runtime_{{.threads = 1, .workers = 1}};
  base::SystemClock clock_;
  Taker taker_;
  std::vector<std::string> buried_;
  WebhookPages pages_{taker_,
                      [this](std::string_view, std::string_view content, std::string_view why) {
                        buried_.push_back(std::string(content) + " | " + std::string(why));
                      },
                      runtime_, clock_};
  http::Router router_;
};

TEST_F(WebhookPagesTest, AnswersOnceAllIsStored) {
  std::string body = "[";
  for (int i = 0; i < 1200; ++i) body += R"({"event":"spam","email":"a@b.example"},)";
  body += R"({"event":"spam"}])";
  const auto response = post(body);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(taker_.taken, 1200U);
  EXPECT_EQ(taker_.groups, 3) << "no transaction without end";
  ASSERT_EQ(buried_.size(), 1U);
  EXPECT_THAT(buried_[0], HasSubstr("'email'"));
}

TEST_F(WebhookPagesTest, AsksToComeAgainWhileTheDatabaseIsAway) {
  taker_.away = true;
  const auto response = post(R"({"event":"spam","email":"a@b.example"})");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.fields.get("Retry-After"), "60");
  EXPECT_EQ(taker_.taken, 0U);
}

TEST_F(WebhookPagesTest, KeepsWhatCannotBeReadAndSaysSo) {
  const auto response = post("no JSON");
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(response.body, HasSubstr("no JSON"));
  ASSERT_EQ(buried_.size(), 1U);
}

}  // namespace
}  // namespace todoku::app
