#include "smtp/command.h"

#include <gtest/gtest.h>

namespace todoku::smtp {
namespace {

TEST(Command, IsReadWithoutCase) {
  EXPECT_EQ(parse_command("ehlo  me ").verb, Verb::ehlo);
  EXPECT_EQ(parse_command("ehlo  me ").argument, "me");
  EXPECT_EQ(parse_command("DATA").verb, Verb::data);
  EXPECT_EQ(parse_command("EHLOX me").verb, Verb::unknown);
  EXPECT_EQ(parse_command("").verb, Verb::unknown);
}

TEST(Command, PathsAndParameters) {
  auto path = parse_path("FROM:<a@example.jp> SIZE=10 BODY=8BITMIME SMTPUTF8 AUTH=<>", "FROM:");
  ASSERT_TRUE(path);
  EXPECT_EQ(path->address, "a@example.jp");
  EXPECT_EQ(path->size, 10U);
  EXPECT_TRUE(path->eight_bit && path->smtputf8 && !path->unknown_parameter);
  EXPECT_EQ(parse_path("from: <>", "FROM:")->address, "");
  EXPECT_EQ(parse_path("TO:<\"a>b\\\"\"@example.jp>", "TO:")->address, "\"a>b\\\"\"@example.jp");
  EXPECT_EQ(parse_path("TO:<@relay:a@example.jp>", "TO:")->address, "a@example.jp");
  EXPECT_EQ(parse_path("TO:<docomo..user.@docomo.ne.jp>", "TO:")->address, "docomo..user.@docomo.ne.jp");
  EXPECT_TRUE(parse_path("FROM:<a@b> X=1", "FROM:")->unknown_parameter);
}

TEST(Command, BrokenPathsAreRefused) {
  for (auto text : {"FROM:", "FROM:a@b", "FROM:<a@b", "FROM:<a@b>x", "TO:<a@b>", "FROM:<a\x01@b>", "FROM:<@a>",
                    "FROM:<a@b> SIZE=x", "FROM:<a@b> SIZE=", "FROM:<a@b> BODY=BINARYMIME", "FROM:<\"a@b>"})
    EXPECT_FALSE(parse_path(text, "FROM:")) << text;
  EXPECT_FALSE(parse_path("TO:<" + std::string(10'000, 'a') + ">", "TO:"));
}

}  // namespace
}  // namespace todoku::smtp
