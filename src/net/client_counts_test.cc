#include "net/client_counts.h"

#include <gtest/gtest.h>

namespace todoku::net {
namespace {

TEST(ClientCounts, TakeAnIpv6NetworkForOneClient) {
  EXPECT_EQ(client_of("2001:db8:1:2::9"), "2001:db8:1:2::");
  EXPECT_EQ(client_of("2001:db8:1:2:ffff::1"), "2001:db8:1:2::");
  EXPECT_EQ(client_of("192.0.2.1"), "192.0.2.1");
  ClientCounts counts;
  EXPECT_TRUE(counts.enter("a", 1));
  EXPECT_FALSE(counts.enter("a", 1));
  EXPECT_TRUE(counts.enter("b", 1));
  counts.leave("a");
  EXPECT_TRUE(counts.enter("a", 1));
}

}  // namespace
}  // namespace todoku::net
