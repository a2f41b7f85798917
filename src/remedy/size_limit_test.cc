#include "remedy/size_limit.h"

#include <gmock/gmock.h>

namespace todoku::remedy {
namespace {

using ::testing::Eq;
using ::testing::Optional;

TEST(SizeLimitIn, ReadsWhatServersSay) {
  struct Said {
    std::string_view text;
    std::int64_t bytes;
  };
  for (const Said& said : {
           Said{"message size exceeds the server's limit: 15000000 bytes; at most 10240000 are taken (SIZE)",
                10'240'000},
           {"552 5.3.4 Message size exceeds fixed maximum message size of 10485760 bytes", 10'485'760},
           {"message size 31457280 exceeds size limit 10485760 of server mx.example.jp[192.0.2.1]", 10'485'760},
           {"552-5.2.3 Your message exceeded Google's message size limit of 25 MB. To view", 25'000'000},
           {"550 5.7.1 Message is too large (max 10,240 kB)", 10'240'000},
           {"552 Requested mail action aborted: exceeded storage allocation, 1.5MiB", 1'572'864},
           {"552 メールのサイズが上限3145728を超えています", 3'145'728},
           {"554 5.2.3 message length (12345678 bytes) exceeds administrative limit (10MB)", 10'000'000},
       }) {
    EXPECT_THAT(size_limit_in(said.text), Optional(Eq(said.bytes))) << said.text;
  }
}

TEST(SizeLimitIn, TakesNothingElseForALimit) {
  for (const std::string_view text :
       {"552 5.3.4 Message is too large", "", "552 5.2.3 size 512", "550 5.3.4 limit reached, see #1234567",
        "552 max 192.168.100.200", "552 size id 20241231-99887766", "552 limit 99999999999999999999 MB",
        "552 too big (request 3F9A12345678) at 1719792000"}) {
    EXPECT_EQ(size_limit_in(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace todoku::remedy
