#include "delivery/outcome_log.h"

#include <gtest/gtest.h>

#include "base/log.h"

namespace todoku::delivery {
namespace {

TEST(OutcomeLog, MasksWhoseMailboxAReplyNames) {
  EXPECT_EQ(without_mailboxes("550 5.1.1 <taro@example.jp>: unknown"), "550 5.1.1 <…@example.jp>: unknown");
  EXPECT_EQ(without_mailboxes("550 bounces+q8Zk.x_-3@news.example.jp refused"), "550 …@news.example.jp refused");
  EXPECT_EQ(without_mailboxes("550 RCPT TO:taro@example.jp,hana@b.jp"), "550 RCPT TO:…@example.jp,…@b.jp");
  EXPECT_EQ(without_mailboxes("to \"a b\"@example.jp (太郎@例.jp)"), "to \"a …@example.jp (…@例.jp)");
  EXPECT_EQ(without_mailboxes("reached me @ noon"), "reached me @ noon");
  EXPECT_EQ(without_mailboxes("a@b@c"), "…@…@c");
  EXPECT_EQ(without_mailboxes("250 2.0.0 Ok: queued as 4F1"), "250 2.0.0 Ok: queued as 4F1");
}

TEST(OutcomeLog, HasAFieldForEverythingButTheReader) {
  queue::Outcome outcome;
  outcome.campaign = {7};
  outcome.contact = {42};
  outcome.batch = {3};
  outcome.attempt = 2;
  outcome.result = queue::Result::failed;
  outcome.reason = "user_unknown";
  outcome.reply_code = 550;
  outcome.site = "example.jp";
  outcome.remote = "mx.example.jp [192.0.2.1]";
  outcome.text = "550 5.1.1 <taro@example.jp> \"unknown\"\nlevel=error";
  base::log::set_level(base::log::Level::info);
  testing::internal::CaptureStderr();
  log_outcome("example.jp", outcome);
  const std::string line = testing::internal::GetCapturedStderr();
  base::log::set_level(base::log::Level::warning);
  const std::size_t fields = line.find("event=outcome");
  ASSERT_NE(fields, std::string::npos) << line;
  EXPECT_NE(line.find("level=info"), std::string::npos);
  EXPECT_EQ(line.substr(fields),
            "event=outcome campaign=7 contact=42 batch=3 attempt=2 result=failed reason=user_unknown code=550 "
            "site=example.jp receiver=example.jp remote=\"mx.example.jp [192.0.2.1]\" "
            "reply=\"550 5.1.1 <…@example.jp> \\\"unknown\\\"\\x0alevel=error\"\n");
}

}  // namespace
}  // namespace todoku::delivery
