#include "bounce/compiled_rules.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "bounce/explanation_text.h"
#include "bounce/rule_table.h"

namespace todoku::bounce {
namespace {

TEST(CompiledRules, AreWhatTheTextsSay) {
  const auto again = compile_all();
  ASSERT_TRUE(again.ok()) << again.error().text();
  EXPECT_TRUE(std::ranges::equal(*again, compiled_all())) << "build again: the program holds older rules";
}

TEST(CompiledRules, MeaningsAreThoseOfTheReasonsFile) {
  ASSERT_EQ(compiled_meanings().size(), static_cast<std::size_t>(kReasonCount));
  for (int i = 0; i < kReasonCount; ++i) {
    const auto reason = static_cast<Reason>(i);
    EXPECT_EQ(effect_of(reason), meaning_of(reason).effect) << to_string(reason);
    EXPECT_EQ(party_of(reason), meaning_of(reason).party) << to_string(reason);
  }
}

TEST(CompiledRules, KnowTheReceiversThatTheProvidersKnow) {
  const RuleTable table(compiled_rules());
  const auto& providers = provider::Providers::built_in();
  ASSERT_EQ(table.receivers.size(), providers.all().size());
  const auto index = [&](const provider::Provider* found) {
    return found == nullptr ? -1 : static_cast<std::int32_t>(found - providers.all().data());
  };
  for (const auto& provider : providers.all()) {
    for (const auto& domain : provider.domains) {
      EXPECT_EQ(table.of_domain("Mail." + domain + "."), index(&provider)) << domain;
      EXPECT_EQ(table.of_domain("x" + domain), index(providers.of_domain("x" + domain))) << domain;
    }
    for (const auto& host : provider.hosts) EXPECT_EQ(table.of_host("mx1." + host), index(&provider)) << host;
  }
  EXPECT_EQ(table.of_domain(""), -1);
  EXPECT_EQ(table.of_domain("."), -1);
  EXPECT_EQ(table.of_host("com"), -1);
}

TEST(CompiledRules, ACodeBeginsWithItsFirstDigits) {
  EXPECT_TRUE((CodeBegin{55, 2}.begins(550)));
  EXPECT_TRUE((CodeBegin{5, 1}.begins(5)));
  EXPECT_TRUE((CodeBegin{550, 3}.begins(550)));
  EXPECT_FALSE((CodeBegin{55, 2}.begins(5)));
  EXPECT_FALSE((CodeBegin{55, 2}.begins(505)));
  EXPECT_FALSE((CodeBegin{5, 1}.begins(0)));
}

TEST(Flat, ListsOfAnySizeComeBackInOrder) {
  FlatWriter out;
  out.put(std::vector<std::uint8_t>{1, 2, 3});
  out.put(std::vector<std::uint32_t>{});
  out.put(std::vector<std::uint16_t>{9});
  const auto words = out.take();
  FlatReader in(words);
  EXPECT_TRUE(std::ranges::equal(in.take<std::uint8_t>(), std::vector<std::uint8_t>{1, 2, 3}));
  EXPECT_TRUE(in.take<std::uint32_t>().empty());
  EXPECT_TRUE(std::ranges::equal(in.take<std::uint16_t>(), std::vector<std::uint16_t>{9}));
}

}  // namespace
}  // namespace todoku::bounce
