#include "dns/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dns/rdata.h"

namespace todoku::dns {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using namespace std::string_literals;

const std::string kQuestion = "\xc0\x0c";  // a pointer to its name

std::string number16(std::size_t number) { return {static_cast<char>(number / 256), static_cast<char>(number % 256)}; }

std::string name(const std::vector<std::string>& labels) {
  std::string wire;
  for (const std::string& label : labels) wire += static_cast<char>(label.size()) + label;
  return wire + '\0';
}

std::string record(const std::string& owner, std::size_t type, const std::string& rdata) {
  return owner + number16(type) + "\0\1\0\0\1\x2c"s + number16(rdata.size()) + rdata;
}

/// The question is about shop.example.
std::string message(std::size_t type, const std::vector<std::string>& records, char code = 0) {
  std::string out = "\0\7\x81"s + code + number16(1) + number16(records.size()) + number16(0) + number16(0) +
                    name({"shop", "example"}) + number16(type) + number16(1);
  for (const std::string& each : records) out += each;
  return out;
}

TEST(DnsMessage, NamesComeOutWhole) {
  const auto found =
      read_answers(message(15, {record(kQuestion, 15, "\0\x0a\2mx"s + kQuestion),
                                record(name({"SHOP", "example"}), 15, "\0\x14"s + name({"b", "test"}))}));
  ASSERT_TRUE(found);
  ASSERT_EQ(found->rdata.size(), 2U);
  EXPECT_EQ(parse_mx(found->rdata[0])->host, "mx.shop.example");
  EXPECT_EQ(parse_mx(found->rdata[1])->host, "b.test");
  EXPECT_EQ(parse_mx(found->rdata[1])->preference, 20);
  EXPECT_EQ(found->canonical, "");
}

TEST(DnsMessage, AliasesAreFollowed) {
  const std::string alias = name({"a", "test"}), real = name({"B", "test"});
  const auto found = read_answers(
      message(1, {record(kQuestion, 5, alias), record(alias, 5, real), record(name({"other", "test"}), 1, "\1\2\3\4"),
                  record(name({"b", "test"}), 1, "\xc0\0\2\1"s), record(name({"b", "test"}), 46, "a signature")}));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->canonical, "b.test");
  EXPECT_THAT(found->rdata, ElementsAre("\xc0\0\2\1"s));
}

TEST(DnsMessage, ThatThereIsNothingIsAnAnswer) {
  const auto found = read_answers(message(15, {}, 3));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->code, 3);
  EXPECT_THAT(found->rdata, IsEmpty());
}

TEST(DnsMessage, WhatIsCutOffIsRefused) {
  const std::string whole = message(15, {record(kQuestion, 15, "\0\x0a\2mx"s + kQuestion)});
  ASSERT_TRUE(read_answers(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(read_answers(std::string_view(whole).substr(0, size))) << size;
  }
}

TEST(DnsMessage, PointersInACircleAreRefused) {
  const std::string whole = message(15, {});
  const std::string circle = "\xc0" + std::string(1, static_cast<char>(whole.size()));  // it points to itself
  EXPECT_FALSE(read_answers(message(15, {record(circle, 15, "\0\x0a\0"s)})));
  const std::string onward = "\1x\xc0" + std::string(1, static_cast<char>(whole.size()));
  EXPECT_FALSE(read_answers(message(15, {record(onward, 15, "\0\x0a\0"s)})));
}

TEST(DnsMessage, ANameIsNotLongerThanItMayBe) {
  std::vector<std::string> labels(4, std::string(62, 'x'));
  EXPECT_TRUE(read_answers(message(15, {record(kQuestion, 15, "\0\x0a"s + name(labels))})));  // 253 octets
  labels.emplace_back("yz");
  EXPECT_FALSE(read_answers(message(15, {record(kQuestion, 15, "\0\x0a"s + name(labels))})));
}

}  // namespace
}  // namespace todoku::dns
