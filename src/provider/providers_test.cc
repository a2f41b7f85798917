#include "provider/providers.h"

#include <gtest/gtest.h>

namespace todoku::provider {
namespace {

const Provider& known(const Provider* found) {
  static const Provider kNone;
  EXPECT_NE(found, nullptr);
  return found == nullptr ? kNone : *found;
}

TEST(Providers, AreKnownByDomainAndMx) {
  const Providers& all = Providers::built_in();
  EXPECT_EQ(known(all.of_domain("gmail.com")).name, "gmail");
  EXPECT_EQ(known(all.of_domain("Docomo.NE.jp")).name, "docomo");
  EXPECT_EQ(known(all.of_domain("mail.docomo.ne.jp")).name, "docomo");
  EXPECT_EQ(known(all.of_mx("alt1.gmail-smtp-in.l.google.com.")).name, "gmail");
  EXPECT_EQ(known(all.of_mx("aspmx.l.google.com")).name, "google-workspace");
  EXPECT_EQ(known(all.of_mx("example-com.mail.protection.outlook.com")).name, "microsoft365");
  EXPECT_EQ(known(all.of_mx("outlook-com.olc.protection.outlook.com")).name, "outlook");
  EXPECT_EQ(all.of_domain("notgmail.com"), nullptr);
  EXPECT_EQ(all.of_domain(""), nullptr);
  EXPECT_EQ(all.of_mx("com"), nullptr);
  EXPECT_EQ(all.of_name("nobody"), nullptr);
}

TEST(Providers, EachHasLimitsASourceAndATitle) {
  const Providers& all = Providers::built_in();
  EXPECT_GE(all.all().size(), 38u);
  for (const Provider& provider : all.all()) {
    SCOPED_TRACE(provider.name);
    EXPECT_FALSE(provider.title.empty());
    EXPECT_FALSE(provider.title_ja.empty());
    EXPECT_GE(provider.limits.connections, 1);
    EXPECT_GE(provider.limits.mails_per_connection, 1);
    ASSERT_FALSE(provider.sources.empty());
    for (const Source& source : provider.sources) {
      EXPECT_FALSE(source.fact.empty());
      EXPECT_FALSE(source.url.empty());
      EXPECT_EQ(source.date.size(), 10u);
    }
  }
}

TEST(Providers, LimitsAreTheFiles) {
  const Limits& gmail = known(Providers::built_in().of_name("gmail")).limits;
  EXPECT_EQ(gmail.connections, 5);
  EXPECT_EQ(gmail.mails_per_connection, 50);
  EXPECT_TRUE(gmail.tls_required);
  EXPECT_EQ(known(Providers::built_in().of_name("comcast")).limits.mails_per_connection, 1000);
  EXPECT_EQ(Providers::default_limits().connections, 10);
}

TEST(Providers, SayHowLongTheyWantToBeLeftAlone) {
  const auto read =
      Providers::read({{"mine",
                        "title = \"A\"\ndomains = [\"a.jp\"]\n[limits]\nmails_per_second = 0.5\nidle = \"9s\"\n"
                        "[[back_off]]\nsays = [\"TSS04\"]\ncode = \"421\"\npause = \"2h\"\n"
                        "[retry]\nrate_limited = \"15m\"\n"
                        "[[source]]\nfact = \"a\"\nurl = \"b\"\ndate = \"2026-01-01\"\n"}});
  ASSERT_TRUE(read.ok()) << read.error().text();
  const Provider& mine = known(read->of_name("mine"));
  EXPECT_EQ(mine.limits.mails_per_second, 0.5);
  EXPECT_EQ(mine.limits.idle, std::chrono::seconds(9));
  EXPECT_EQ(mine.stated, (std::vector<std::string>{"idle", "mails_per_second"}));
  ASSERT_EQ(mine.back_offs.size(), 1U);
  EXPECT_EQ(mine.back_offs[0].says, std::vector<std::string>{"tss04"});
  EXPECT_EQ(mine.back_offs[0].pause, std::chrono::hours(2));
  ASSERT_EQ(mine.retries.size(), 1U);
  EXPECT_EQ(mine.retries[0].first, "rate_limited");
}

TEST(Providers, FaultsNameTheFile) {
  const auto error = [](std::string_view text) {
    const auto read = Providers::read({{"mine", text}});
    EXPECT_FALSE(read.ok()) << text;
    return read ? std::string() : read.error().text();
  };
  EXPECT_NE(error("title = ").find("mine.toml: line 1"), std::string::npos);
  EXPECT_NE(error("domains = [\"a.jp\"]").find("no title"), std::string::npos);
  EXPECT_NE(error("title = \"A\"").find("neither domains nor hosts"), std::string::npos);
  EXPECT_NE(error("title = \"A\"\ndomains = [\"a.jp\"]").find("no [[source]]"), std::string::npos);
  const std::string one_of = "title = \"A\"\ndomains = [\"a.jp\"]\n";
  EXPECT_NE(error(one_of + "[limits]\nconections = 1\n").find("conections"), std::string::npos);
  EXPECT_NE(error(one_of + "[limits]\nconnections = \"many\"\n").find("many"), std::string::npos);
  EXPECT_NE(error(one_of + "[[back_off]]\ncode = \"421\"\n").find("pause"), std::string::npos);
  EXPECT_NE(error(one_of + "[[back_off]]\npause = \"2h\"\n").find("neither says nor code"), std::string::npos);
  EXPECT_NE(error(one_of + "[retry]\nrate_limited = \"soon\"\n").find("soon"), std::string::npos);
  const std::string one =
      "title = \"A\"\ndomains = [\"a.jp\"]\n[[source]]\nfact = \"a\"\nurl = \"b\"\ndate = \"2026-01-01\"\n";
  const auto twice = Providers::read({{"one", one}, {"two", one}});
  ASSERT_FALSE(twice.ok());
  EXPECT_NE(twice.error().text().find("two.toml"), std::string::npos);
}

}  // namespace
}  // namespace todoku::provider
