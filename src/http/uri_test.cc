#include "http/uri.h"

#include <gmock/gmock.h>

namespace todoku::http {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(Target, SplitsBeforeItDecodes) {
  const auto target = parse_target("/a%2Fb/%E5%B1%8A%E3%81%8F/?q=1+2&%26=%3D&flag#part");
  ASSERT_TRUE(target.ok());
  EXPECT_THAT(target->path, ElementsAre("a/b", "届く", ""));
  EXPECT_THAT(target->query.all(), ElementsAre(Pair("q", "1 2"), Pair("&", "="), Pair("flag", "")));
}

TEST(Target, TakesTheFormOfProxies) {
  EXPECT_THAT(parse_target("http://host:80/a?b=c")->path, ElementsAre("a"));
  EXPECT_THAT(parse_target("HTTPS://host")->path, IsEmpty());
  EXPECT_THAT(parse_target("http://host?b=c")->query.all(), ElementsAre(Pair("b", "c")));
  EXPECT_THAT(parse_target("/")->path, IsEmpty());
}

TEST(Target, RefusesWhatHasTwoReadings) {
  for (const char* target :
       {"", "a", "*", "/%", "/%4", "/%zz", "/%00", "/a/../b", "/a/%2e%2E/b", "/.", "/?a=%", "ftp://h/"}) {
    EXPECT_FALSE(parse_target(target).ok()) << target;
  }
}

TEST(Form, HasNoNul) {
  EXPECT_FALSE(parse_form("a=%00").ok());
  EXPECT_FALSE(parse_form(std::string_view("a=\0", 3)).ok());
}

TEST(Form, HasALimit) {
  std::string form;
  for (int i = 0; i < 100; ++i) form += "a=1&";
  EXPECT_TRUE(parse_form(form).ok());
  EXPECT_EQ(parse_form(form + "a=1").error().code, base::ErrorCode::limit);
}

TEST(PercentEncoding, ComesBackAsItWas) {
  std::string all;
  for (int c = 1; c < 256; ++c) all += static_cast<char>(c);
  EXPECT_EQ(percent_decode(percent_encode(all)), all);
  EXPECT_EQ(percent_encode("a b/届"), "a%20b%2F%E5%B1%8A");
}

}  // namespace
}  // namespace todoku::http
