#include "scan/clamd_exchange.h"

#include <gmock/gmock.h>

namespace todoku::scan {
namespace {

using namespace std::string_literals;

/// Everything that goes out, taken `step` bytes at a time.
std::string all_output(ClamdExchange& exchange, std::size_t step) {
  std::string out;
  for (;;) {
    const auto pieces = exchange.output();
    std::string now(pieces[0]);
    now += pieces[1];
    if (now.empty()) return out;
    now.resize(std::min(step, now.size()));
    out += now;
    exchange.sent(now.size());
  }
}

TEST(ClamdExchange, SendsTheContentInChunksWithTheirLengths) {
  ClamdExchange small("abc");
  EXPECT_EQ(all_output(small, 1000), "zINSTREAM\0\0\0\0\3abc\0\0\0\0"s);
  ClamdExchange empty("");
  EXPECT_EQ(all_output(empty, 1), "zINSTREAM\0\0\0\0\0"s);
  const std::string big(300'000, 'x');
  ClamdExchange large(big);
  const std::string out = all_output(large, 7777);
  EXPECT_EQ(out.substr(10, 4), "\0\2\0\0"s) << "131,072";
  EXPECT_EQ(out.size(), 10 + 3 * 4 + big.size() + 4);
  EXPECT_TRUE(out.ends_with("\0\0\0\0"s));
}

TEST(ClamdExchange, ReadsTheAnswerInWhateverPieces) {
  ClamdExchange clean("abc");
  EXPECT_FALSE(clean.received("stream: ").value());
  EXPECT_FALSE(clean.received("OK").value());
  EXPECT_TRUE(clean.received("\0rest"s).value());
  EXPECT_FALSE(clean.verdict().infected);
  ClamdExchange infected("abc");
  EXPECT_TRUE(infected.received("stream: Win.Test.EICAR_HDB-1 FOUND\0"s).value());
  EXPECT_TRUE(infected.verdict().infected);
  EXPECT_EQ(infected.verdict().virus, "Win.Test.EICAR_HDB-1");
}

TEST(ClamdExchange, NamesCannotSpoilATerminal) {
  ClamdExchange exchange("abc");
  EXPECT_TRUE(exchange.received("stream: a\x1b[2Jb\xff FOUND\0"s).value());
  EXPECT_EQ(exchange.verdict().virus, "a?[2Jb?");
}

TEST(ClamdExchange, WhatIsNoAnswerIsNeverClean) {
  const auto code_of = [](std::string_view answer) {
    ClamdExchange exchange("abc");
    const auto result = exchange.received(answer);
    EXPECT_FALSE(result.ok()) << answer;
    return result.error().code;
  };
  EXPECT_EQ(code_of("INSTREAM size limit exceeded. ERROR\0"s), base::ErrorCode::limit);
  EXPECT_EQ(code_of("stream: Can't allocate memory ERROR\0"s), base::ErrorCode::unavailable);
  EXPECT_EQ(code_of("UNKNOWN COMMAND\0"s), base::ErrorCode::invalid);
  EXPECT_EQ(code_of("stream: FOUND\0"s), base::ErrorCode::invalid);
  EXPECT_EQ(code_of("\0"s), base::ErrorCode::invalid);
  EXPECT_EQ(code_of(std::string(5000, 'a')), base::ErrorCode::invalid);
}

}  // namespace
}  // namespace todoku::scan
