#include "provider/limits.h"

#include <gtest/gtest.h>

namespace todoku::provider {
namespace {

using namespace std::chrono_literals;

TEST(Limits, AreSetFromTextAndShownAsTheyAreSet) {
  Limits limits;
  EXPECT_TRUE(set_limit(limits, "connections", "3"));
  EXPECT_TRUE(set_limit(limits, "mails_per_second", "2.5"));
  EXPECT_TRUE(set_limit(limits, "idle", "30s"));
  EXPECT_TRUE(set_limit(limits, "tls_required", "true"));
  EXPECT_EQ(limits.connections, 3);
  EXPECT_EQ(limits.mails_per_second, 2.5);
  EXPECT_EQ(limits.idle, 30s);
  EXPECT_TRUE(limits.tls_required);
  Limits again;
  for (const LimitKey& key : limit_keys()) {
    EXPECT_TRUE(set_limit(again, key.name, limit_text(limits, key))) << key.name;
    EXPECT_EQ(limit_text(again, key), limit_text(limits, key)) << key.name;
    EXPECT_FALSE(key.prose.empty());
  }
}

TEST(Limits, FaultsSayWhatIsTaken) {
  Limits limits;
  const auto unknown = set_limit(limits, "mails_per_secund", "1");
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().hint.find("mails_per_second"), std::string::npos);
  for (const auto& [name, text] : {std::pair{"connections", "0"},
                                   {"connections", "many"},
                                   {"connections", "2.5"},
                                   {"mails_per_second", "-1"},
                                   {"mails_per_second", "nan"},
                                   {"idle", "soon"},
                                   {"tls_required", "yes"},
                                   {"mails_per_hour", ""}}) {
    EXPECT_FALSE(set_limit(limits, name, text)) << name << " = " << text;
  }
  EXPECT_EQ(limits.connections, Limits().connections);
}

}  // namespace
}  // namespace todoku::provider
