#include "smtp/content_reader.h"

#include <gtest/gtest.h>

#include <random>

#include "smtp/content.h"

namespace todoku::smtp {
namespace {

struct Read {
  bool ended;
  std::string content, left;
  bool bare, too_big;
};

Read read_in_pieces(std::string_view wire, std::size_t piece, std::size_t limit = 1 << 20) {
  ContentReader reader;
  reader.begin(limit, 0);
  bool ended = false;
  std::string_view left;
  for (std::size_t at = 0; at < wire.size() && !ended; at += piece) {
    auto bytes = wire.substr(at, piece);
    ended = reader.read(bytes);
    if (ended) left = wire.substr(at + std::min(piece, wire.size() - at) - bytes.size());
  }
  return {ended, reader.take(), std::string(left), reader.bare_line_end(), reader.too_big()};
}

TEST(ContentReader, UnstuffsAndStopsAtTheEnd) {
  std::string_view wire = "a\r\n..b\r\n...\r\nc.d\r\n..\r\n.\r\nMAIL FROM:<x>\r\n";
  for (std::size_t piece = 1; piece <= wire.size(); ++piece) {
    auto read = read_in_pieces(wire, piece);
    ASSERT_TRUE(read.ended) << piece;
    ASSERT_EQ(read.content, "a\r\n.b\r\n..\r\nc.d\r\n.\r\n") << piece;
    ASSERT_EQ(read.left, "MAIL FROM:<x>\r\n") << piece;
  }
  EXPECT_EQ(read_in_pieces(".\r\n", 1).content, "");
}

TEST(ContentReader, NothingButCrlfDotCrlfEnds) {
  for (std::string_view wire :
       {"a\n.\nb", "a\n.\r\nb", "a\r\n.\nb", "a\r\n.\rb", "a\r.\r\nb", "a\r\n.\r\rb", "a\r.\rb"})
    for (std::size_t piece = 1; piece <= wire.size(); ++piece) {
      std::string whole = std::string(wire) + "\r\n";
      EXPECT_FALSE(read_in_pieces(whole, piece).ended) << wire;
      ContentReader reader;
      reader.begin(100, 0);
      whole += ".\r\n";
      std::string_view bytes = whole;
      EXPECT_TRUE(reader.read(bytes));
      EXPECT_TRUE(reader.bare_line_end()) << wire;
    }
}

TEST(ContentReader, KeepsNothingAboveTheLimitAndStillFindsTheEnd) {
  auto wire = std::string(1000, 'x') + "\r\n.\r\nQUIT";
  auto read = read_in_pieces(wire, 7, 100);
  EXPECT_TRUE(read.ended);
  EXPECT_TRUE(read.too_big);
  EXPECT_EQ(read.content, "");
  EXPECT_EQ(read.left, "QUIT");
}

TEST(ContentReader, UndoesStuffing) {
  std::mt19937 random(2);
  for (int i = 0; i < 5'000; ++i) {
    std::string content;
    for (auto n = random() % 20; n > 0; --n) content += std::array{"\r\n", ".", "a", "\r\n."}[random() % 4];
    content += "\r\n";
    std::vector<std::string_view> pieces;
    append_stuffed(content, inspect(content), pieces);
    std::string wire;
    for (auto piece : pieces) wire += piece;
    auto read = read_in_pieces(wire, 1 + random() % 9);
    ASSERT_TRUE(read.ended);
    ASSERT_EQ(read.content, content);
    ASSERT_EQ(read.left, "");
  }
}

}  // namespace
}  // namespace todoku::smtp
