#include "bounce/address_role.h"

#include <gtest/gtest.h>

namespace todoku::bounce {
namespace {

std::string_view before(std::string_view text) {
  const auto found = find_addresses(text);
  return words_before(text, found.back(), found.size() > 1 ? found.front().end : 0);
}

TEST(AddressRole, OfASenderStandsBehindFrom) {
  EXPECT_TRUE(of_a_sender(before("the message from <a@b.example>")));
  EXPECT_TRUE(of_a_sender(before("nel messaggio proveniente da \"a@b.example\"")));
  EXPECT_TRUE(of_a_sender(before("please contact our desk, a@b.example")));
  EXPECT_FALSE(of_a_sender(before("neko (generated from a@b.example)")));
  EXPECT_FALSE(of_a_sender(before("from us to a@b.example")));
  EXPECT_FALSE(of_a_sender(before("from a@b.example to c@d.example")));
}

TEST(AddressRole, OfASuccessorIsToBeWrittenTo) {
  EXPECT_TRUE(of_a_successor(before("old@a.example has moved; the new address is new@b.example")));
  EXPECT_TRUE(of_a_successor(before("Veuillez désormais lui écrire à : a@b.example")));
  EXPECT_TRUE(of_a_successor(before("新しいメールアドレスは次のとおりです。\n\n    a@b.example")));
  EXPECT_FALSE(of_a_successor(before("your mail to a@b.example")));
}

TEST(AddressRole, ReadsNoFurtherThanTheAddressBefore) {
  EXPECT_EQ(before("x@y.example and a@b.example"), " and ");
  EXPECT_EQ(before("a@b.example"), "");
}

}  // namespace
}  // namespace todoku::bounce
