#include "app/trace_text.h"

#include <gtest/gtest.h>

namespace todoku::app {
namespace {

using namespace std::chrono_literals;
using Kind = smtp::Witness::Kind;

TEST(TraceText, ShowsWhoSaysWhatWhen) {
  TraceText trace;
  EXPECT_EQ(trace.lines(Kind::connecting, "mx.example.jp [192.0.2.1] port 25", 0ms),
            "    0.000 * connecting to mx.example.jp [192.0.2.1] port 25\n");
  EXPECT_EQ(trace.lines(Kind::received, "220 hello\r\n", 1234ms), "    1.234 < 220 hello\n");
  EXPECT_EQ(trace.lines(Kind::sent, "MAIL FROM:<>\r\nRCPT TO:<a@b>\r\n", 2s),
            "    2.000 > MAIL FROM:<>\n    2.000 > RCPT TO:<a@b>\n");
}

TEST(TraceText, JoinsALineThatCameInPieces) {
  TraceText trace;
  EXPECT_EQ(trace.lines(Kind::received, "250-mx\r\n250 SI", 1s), "    1.000 < 250-mx\n");
  EXPECT_EQ(trace.lines(Kind::received, "ZE\r", 2s), "");
  EXPECT_EQ(trace.lines(Kind::received, "\n", 3s), "    3.000 < 250 SIZE\n");
}

TEST(TraceText, ShowsAHalfLineWhenTheSessionEnds) {
  TraceText trace;
  EXPECT_EQ(trace.lines(Kind::received, "4", 1s), "");
  EXPECT_EQ(trace.lines(Kind::ended, "", 2s), "    2.000 < 4\n    2.000 * session over\n");
}

TEST(TraceText, NeverGivesATerminalOrders) {
  TraceText trace;
  const std::string shown = trace.lines(Kind::received, "220 \x1b[2J\x07\xff evil\r\n", 0ms);
  EXPECT_EQ(shown.find('\x1b'), std::string::npos);
  EXPECT_EQ(shown.find('\x07'), std::string::npos);
  EXPECT_EQ(shown.find('\xff'), std::string::npos);
  std::string endless(100'000, 'a');
  EXPECT_LT(trace.lines(Kind::received, endless, 0ms).size(), 1100);
}

}  // namespace
}  // namespace todoku::app
