#include "dns/rdata.h"

#include <gtest/gtest.h>

#include "dns/mail_hosts.h"

namespace todoku::dns {
namespace {

std::string_view bytes(const char* text, std::size_t size) { return {text, size}; }

TEST(Rdata, Names) {
  EXPECT_EQ(parse_name(bytes("\2MX\7example\2jp\0", 15)), "mx.example.jp");
  EXPECT_EQ(parse_name(bytes("\0", 1)), ".");
  EXPECT_EQ(parse_name(bytes("\3a.b\0", 5)), "a\\046b");
  EXPECT_EQ(parse_name(bytes("\1\xff\0", 3)), "\\255");
  for (auto wire : {bytes("", 0), bytes("\3ab", 3), bytes("\3abc", 4), bytes("\0\0", 2), bytes("\xc0\x0c", 2)})
    EXPECT_FALSE(parse_name(wire));
  EXPECT_FALSE(parse_name(std::string(300, '\1')));
}

TEST(Rdata, Referrals) {
  const std::string question = std::string("\1a\0\0\xf\0\1", 7);
  const auto message = [&](char rcode, char answers, char authorities, const std::string& records) {
    return std::string("\0\7\x80", 3) + rcode + std::string("\0\1\0", 3) + answers + '\0' + authorities +
           std::string(2, '\0') + question + records;
  };
  const std::string ns("\xc0\x0c\0\2\0\1\0\0\0\5\0\1\0", 13);
  const std::string soa("\0\0\6\0\1\0\0\0\5\0\1\0", 12);
  EXPECT_TRUE(is_referral(message(0, 0, 1, ns)));
  EXPECT_TRUE(is_referral(message(0, 0, 2, ns + ns)));
  EXPECT_FALSE(is_referral(message(0, 0, 1, soa)));
  EXPECT_FALSE(is_referral(message(0, 0, 2, ns + soa)));
  EXPECT_FALSE(is_referral(message(0, 0, 0, "")));
  EXPECT_FALSE(is_referral(message(0, 1, 1, ns + ns)));
  EXPECT_FALSE(is_referral(message(3, 0, 1, ns)));
  EXPECT_FALSE(is_referral(message(0, 0, 9, ns)));
  for (std::size_t cut = 0; cut < message(0, 0, 1, ns).size() - 1; ++cut) {
    EXPECT_FALSE(is_referral(message(0, 0, 1, ns).substr(0, cut))) << cut;
  }
}

TEST(Rdata, Records) {
  auto mx = parse_mx(bytes("\1\2\1m\0", 5));
  ASSERT_TRUE(mx);
  EXPECT_EQ(mx->preference, 258);
  EXPECT_EQ(mx->host, "m");
  EXPECT_FALSE(parse_mx(bytes("\0\1", 2)));
  EXPECT_EQ(parse_address(bytes("\300\0\2\1", 4)), "192.0.2.1");
  EXPECT_FALSE(parse_address(bytes("\300\0\2", 3)));
  EXPECT_EQ(parse_txt(bytes("\2ab\0\1c", 6)), "abc");
  EXPECT_FALSE(parse_txt(bytes("\5ab", 3)));
  EXPECT_FALSE(parse_tlsa(bytes("\3\1\1", 3)));
}

TEST(Rdata, DomainNamesAndReverse) {
  for (auto good : {"a", "example.jp", "_25._tcp.mx.example.jp", "xn--wgv71a.jp", "example.jp."})
    EXPECT_TRUE(is_domain_name(good)) << good;
  for (auto bad : {"", ".", "a..b", ".a", "a b", "\xe6\x97\xa5.jp", "a\\.b", "a\n"})
    EXPECT_FALSE(is_domain_name(bad)) << bad;
  EXPECT_FALSE(is_domain_name(std::string(64, 'a') + ".jp"));
  EXPECT_EQ(reverse_name("192.0.2.1"), "1.2.0.192.in-addr.arpa");
  EXPECT_EQ(reverse_name("2001:db8::1"), "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
}

TEST(MailHostOrder, EqualsAreShuffledByTheGivenSource) {
  std::vector<MxRecord> records = {{20, "z"}, {10, "a"}, {10, "b"}, {10, "c"}, {10, "a"}};
  std::uint64_t up = 0, down = 100;
  auto first = in_order(records, [&] { return up++; });
  auto second = in_order(records, [&] { return down--; });
  ASSERT_EQ(first.size(), 4U);
  EXPECT_EQ(first[0].host + first[1].host + first[2].host + first[3].host, "abcz");
  EXPECT_EQ(second[0].host + second[1].host + second[2].host + second[3].host, "acbz");
  EXPECT_TRUE(is_null_mx({{0, "."}}));
  EXPECT_FALSE(is_null_mx({{0, "."}, {1, "a"}}));
}

}  // namespace
}  // namespace todoku::dns
