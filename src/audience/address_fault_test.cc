#include "audience/address_fault.h"

#include <gmock/gmock.h>

#include "mail/address.h"

namespace todoku::audience {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string fault(std::string_view address) {
  const auto parsed = mail::parse_address(address);
  return parsed ? "no fault: " + std::string(address) : japanese_address_fault(parsed.error());
}

TEST(AddressFault, SaysItInJapaneseWithThePlace) {
  EXPECT_EQ(fault("abc.example.jp"), "「@」がありません (15文字目)");
  EXPECT_EQ(fault("a@@b.jp"), "「@」が2つあります (3文字目)");
  EXPECT_EQ(fault("青木@例え..jp").substr(0, 12), "ドメイン");
}

/// Faults of every kind that the parser knows: none is left in English.
TEST(AddressFault, KnowsEveryFaultOfTheParser) {
  const std::string long_local(65, 'a');
  const std::string long_label(64, 'a');
  for (const std::string& address : {std::string(),
                                     std::string(10'000, 'a') + "@b.jp",
                                     std::string("\xff@b.jp"),
                                     std::string("@b.jp"),
                                     std::string("a\x01@b.jp"),
                                     std::string("a b@c.jp"),
                                     std::string("a(b@c.jp"),
                                     std::string("a＠b.jp"),
                                     std::string("ａ@b.jp"),
                                     std::string("a\xe2\x80\x8b"
                                                 "c@b.jp"),
                                     std::string("\"a@b.jp"),
                                     std::string("\"\"@b.jp"),
                                     std::string("\"a\"b.jp"),
                                     std::string(".a@b.jp"),
                                     std::string("a.@b.jp"),
                                     std::string("a..b@c.jp"),
                                     long_local + "@b.jp",
                                     "a@" + long_label + ".jp",
                                     std::string("a@b c.jp"),
                                     std::string("a@b,c.jp"),
                                     std::string("a@b\x01.jp"),
                                     std::string("a@b!c.jp"),
                                     std::string("a@b..jp"),
                                     std::string("a@-b.jp"),
                                     std::string("a@"),
                                     std::string("a@[192.0.2.1]"),
                                     std::string("a@localhost"),
                                     std::string("a@b.1")}) {
    const auto text = fault(address);
    EXPECT_THAT(text, Not(HasSubstr("the "))) << address;
    EXPECT_THAT(text, Not(HasSubstr("no fault"))) << address;
    EXPECT_GE(static_cast<unsigned char>(text.front()), 0x80) << address << ": " << text;
  }
}

}  // namespace
}  // namespace todoku::audience
