#include "smtp/reply_parser.h"

#include <gtest/gtest.h>

namespace todoku::smtp {
namespace {

using Step = ReplyParser::Step;

TEST(ReplyParser, ReadsOneAndSeveralLinesAndStatus) {
  ReplyParser parser;
  std::string_view bytes = "250-mx.example\r\n250-SIZE 10\r\n250\r\n550 5.1.1 no such user\r\n";
  ASSERT_EQ(parser.parse(bytes), Step::reply);
  EXPECT_EQ(parser.reply().code, 250);
  EXPECT_EQ(parser.reply().lines, (std::vector<std::string>{"mx.example", "SIZE 10", ""}));
  EXPECT_FALSE(parser.reply().status);
  ASSERT_EQ(parser.parse(bytes), Step::reply);
  EXPECT_EQ(parser.reply().lines, std::vector<std::string>{"5.1.1 no such user"});
  EXPECT_EQ(parser.reply().status, (EnhancedStatus{5, 1, 1}));
  EXPECT_TRUE(bytes.empty());
}

TEST(ReplyParser, ReadsByteByByte) {
  ReplyParser parser;
  for (std::string text : {"421-4.3.2 a\n421 b\r\n", "250\r\n"})
    for (std::size_t i = 0; i < text.size(); ++i) {
      std::string_view byte(&text[i], 1);
      EXPECT_EQ(parser.parse(byte), i + 1 == text.size() ? Step::reply : Step::more) << text << i;
    }
  EXPECT_EQ(parser.reply().code, 250);
}

TEST(ReplyParser, KeepsBinary) {
  ReplyParser parser;
  std::string text("250 a\0b\xff\r\n", 10);
  std::string_view bytes = text;
  ASSERT_EQ(parser.parse(bytes), Step::reply);
  EXPECT_EQ(parser.reply().lines[0], std::string("a\0b\xff", 4));
}

TEST(ReplyParser, CutsLongLinesAndManyLines) {
  ReplyParser parser;
  std::string text = "250 " + std::string(1 << 20, 'x') + "\r\n";
  std::string_view bytes = text;
  ASSERT_EQ(parser.parse(bytes), Step::reply);
  EXPECT_EQ(parser.reply().lines[0].size(), ReplyParser::kLineKept - 4);
  text.clear();
  for (int i = 0; i < 5000; ++i) text += "250-line\r\n";
  text += "250 end\r\n";
  bytes = text;
  ASSERT_EQ(parser.parse(bytes), Step::reply);
  EXPECT_EQ(parser.reply().lines.size(), ReplyParser::kLinesKept);
}

TEST(ReplyParser, EndlessRepliesBreak) {
  ReplyParser line;
  std::string x(1 << 16, 'x');
  std::string_view start = "250 ";
  auto step = line.parse(start);
  std::size_t fed = 0;
  for (; step == Step::more && fed < 8 * ReplyParser::kReplyLimit; fed += x.size()) {
    std::string_view bytes = x;
    step = line.parse(bytes);
  }
  EXPECT_EQ(step, Step::broken);
  EXPECT_LE(fed, ReplyParser::kReplyLimit + x.size());
}

TEST(ReplyParser, RefusesWhatIsNoReply) {
  for (std::string_view text : {"HTTP/1.1 200 OK\r\n", "150 x\r\n", "600 x\r\n", "25 x\r\n", "2500 x\r\n", "\r\n",
                                "250-a\r\n550 b\r\n", "SSH-2"}) {
    ReplyParser parser;
    auto bytes = text;
    EXPECT_EQ(parser.parse(bytes), Step::broken) << text;
    EXPECT_FALSE(parser.error().empty());
    std::string_view good = "250 ok\r\n";
    EXPECT_EQ(parser.parse(good), Step::broken);
  }
}

TEST(EnhancedStatus, ParsesExactly) {
  EXPECT_EQ(EnhancedStatus::parse("5.7.999"), (EnhancedStatus{5, 7, 999}));
  for (auto text : {"3.1.1", "5.1", "5.1.1 ", "5.1.1.1", "5..1", "05.1.1", "5.1234.1", ""})
    EXPECT_FALSE(EnhancedStatus::parse(text)) << text;
  EXPECT_EQ((EnhancedStatus{4, 2, 2}).to_string(), "4.2.2");
}

TEST(Stage, NamesBothWays) {
  EXPECT_EQ(to_string(Stage::eod), "eod");
  EXPECT_EQ(stage_of("rcpt"), Stage::rcpt);
  EXPECT_FALSE(stage_of("RCPT "));
}

}  // namespace
}  // namespace todoku::smtp
