#include "base/log.h"

#include <gtest/gtest.h>

namespace todoku::base::log {
namespace {

TEST(Log, QuotesWhatCouldForgeALine) {
  EXPECT_EQ(format("delivery",
                   {{"mail", 7}, {"reply", "550 5.1.1 \"no\"\r\nlevel=error"}, {"host", "mx.example"}, {"empty", ""}}),
            R"(event=delivery mail=7 reply="550 5.1.1 \"no\"\x0d\x0alevel=error" host=mx.example empty="")");
}

}  // namespace
}  // namespace todoku::base::log
