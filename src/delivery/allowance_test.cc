#include "delivery/allowance.h"

#include <gtest/gtest.h>

#include "bounce/reason.h"

namespace todoku::delivery {
namespace {

const provider::Providers& known() { return provider::Providers::built_in(); }

TEST(Receiver, IsWhoServesTheExchanger) {
  EXPECT_EQ(receiver_of(known(), "gmail.com", "gmail-smtp-in.l.google.com"), "gmail");
  EXPECT_EQ(receiver_of(known(), "some-company.example", "aspmx.l.google.com"), "gmail") << "Workspace shares it";
  EXPECT_EQ(receiver_of(known(), "other.example", "other-example.mail.protection.outlook.com"), "microsoft365");
  EXPECT_EQ(receiver_of(known(), "shop.example", "mx3.mail.hosting.co.jp"), "hosting.co.jp");
  EXPECT_EQ(receiver_of(known(), "docomo.ne.jp", "mx.somewhere.example"), "docomo") << "known by the address";
  EXPECT_EQ(receiver_of(known(), "news.shop.example", ""), "shop.example");
}

TEST(Allowances, SayWhichRuleGaveEachValue) {
  const auto all = Allowances::make(known(), {{"default", "connections", "7", "delivery.connections_per_site"},
                                              {"gmail", "mails_per_hour", "1000", "todoku.toml:12"},
                                              {"hosting.co.jp", "connections", "2", "todoku.toml:15"}});
  ASSERT_TRUE(all) << all.error().text();
  const Allowance gmail = all->of("gmail");
  EXPECT_EQ(gmail.limits.connections, 5);
  EXPECT_EQ(gmail.rules.at("connections"), "providers/gmail.toml");
  EXPECT_EQ(gmail.limits.mails_per_hour, 1000);
  EXPECT_EQ(gmail.rules.at("mails_per_hour"), "todoku.toml:12");
  EXPECT_EQ(gmail.rules.at("mails_per_day"), "default");
  EXPECT_EQ(all->of("unknown.example").limits.connections, 7);
  EXPECT_EQ(all->of("unknown.example").rules.at("connections"), "delivery.connections_per_site");
  EXPECT_EQ(all->of("hosting.co.jp").limits.connections, 2);
}

TEST(Allowances, RefuseWhatTheyDoNotKnow) {
  const auto error = [](LimitSetting setting) {
    const auto made = Allowances::make(known(), {std::move(setting)});
    EXPECT_FALSE(made);
    return made ? std::string() : made.error().text();
  };
  EXPECT_NE(error({"gmial", "connections", "1", "todoku.toml:3"}).find("gmail"), std::string::npos);
  EXPECT_NE(error({"gmial", "connections", "1", "todoku.toml:3"}).find("todoku.toml:3"), std::string::npos);
  EXPECT_NE(error({"gmail", "conections", "1", "todoku.toml:4"}).find("'connections'"), std::string::npos);
  EXPECT_NE(error({"gmail", "connections", "0", "todoku.toml:5"}).find("whole number"), std::string::npos);
}

TEST(ProviderFiles, NameReasonsThatThereAre) {
  for (const auto& provider : known().all()) {
    for (const auto& [reason, wait] : provider.retries) {
      EXPECT_TRUE(bounce::reason_of(reason)) << provider.name << ": retry." << reason;
      EXPECT_GT(wait.count(), 0);
    }
  }
}

}  // namespace
}  // namespace todoku::delivery
