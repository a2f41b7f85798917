#include "net/proxy_header.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace todoku::net {
namespace {

using State = ProxyHeader::State;
using namespace std::string_literals;

/// Reads as a stream would: never more than wanted(). What is left over stays in `text`.
State read(ProxyHeader& header, std::string_view& text, std::size_t piece = 1000) {
  while (header.state() == State::more && !text.empty()) {
    const std::size_t size = std::min({piece, header.wanted(), text.size()});
    header.read(text.substr(0, size));
    text.remove_prefix(size);
  }
  return header.state();
}

const std::string kBinary =
    "\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c"
    "\xcb\x00\x71\x07\x0a\x00\x00\x01\x30\x39\x00\x19"s;

TEST(ProxyHeader, NamesTheClientAndLeavesWhatFollows) {
  for (const std::size_t piece : {1, 3, 1000}) {
    for (const std::string& wire : {"PROXY TCP4 203.0.113.7 10.0.0.1 12345 25\r\n"s, kBinary}) {
      ProxyHeader header;
      const std::string all = wire + "EHLO x\r\n";
      std::string_view text = all;
      ASSERT_EQ(read(header, text, piece), State::done);
      EXPECT_EQ(header.client(), "203.0.113.7");
      EXPECT_EQ(text, "EHLO x\r\n");
    }
  }
}

TEST(ProxyHeader, KnowsBothFamilies) {
  ProxyHeader text_header, binary_header;
  std::string_view text = "PROXY TCP6 2001:DB8:0:0::9 2001:db8::1 4711 25\r\n";
  ASSERT_EQ(read(text_header, text), State::done);
  EXPECT_EQ(text_header.client(), "2001:db8::9");
  const std::string wire = "\r\n\r\n\0\r\nQUIT\n\x21\x21\x00\x27"s + "\x20\x01\x0d\xb8"s + std::string(11, '\0') +
                           "\x09" + std::string(20, '\0') + "tlv";
  text = wire;
  ASSERT_EQ(read(binary_header, text), State::done);
  EXPECT_EQ(binary_header.client(), "2001:db8::9");
  EXPECT_EQ(text, "");
  ProxyHeader mapped;
  text = "PROXY TCP6 ::ffff:203.0.113.7 ::1 4711 25\r\n";
  ASSERT_EQ(read(mapped, text), State::done);
  EXPECT_EQ(mapped.client(), "203.0.113.7") << "not one of all the others that are mapped";
}

TEST(ProxyHeader, SpeaksForNobody) {
  for (const std::string& wire : {"PROXY UNKNOWN\r\n"s, "PROXY UNKNOWN ffff:: ffff:: 1 2\r\n"s,
                                  "\r\n\r\n\0\r\nQUIT\n\x20\x00\x00\x00"s, "\r\n\r\n\0\r\nQUIT\n\x21\x31\x00\x02xx"s}) {
    ProxyHeader header;
    std::string_view text = wire;
    EXPECT_EQ(read(header, text), State::done) << wire;
    EXPECT_FALSE(header.client());
  }
}

TEST(ProxyHeader, RefusesWhatIsNone) {
  for (const std::string& wire :
       {"EHLO example.jp\r\n"s, "PROXY TCP4 203.0.113.7\r\nx"s, "PROXY TCP4 evil 10.0.0.1 1 2\r\n"s,
        "PROXY TCP4 203.0.113.7 10.0.0.1 1 2\n"s, "PROXY TCP9 203.0.113.7 10.0.0.1 1 2\r\n"s, "proxy UNKNOWN\r\n"s,
        "PROXY TCP4 2001:db8::9 10.0.0.1 1 2\r\n"s, "PROXY UNKNOWN " + std::string(200, 'x') + "\r\n",
        "\r\n\r\n\0\r\nQUIT\n\x31\x11\x00\x0c"s, "\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x02xx"s,
        "\r\n\r\n\0\r\nQUIT\n\x21\x11\xff\xff"s, "\r\n\r\nEHLO example.jp\r\n"s}) {
    ProxyHeader header;
    std::string_view text = wire;
    EXPECT_EQ(read(header, text), State::broken) << wire;
  }
}

}  // namespace
}  // namespace todoku::net
