#include "mail/header.h"

#include <gmime/gmime.h>
#include <gmock/gmock.h>

#include <memory>

#include "mail/gmime.h"
#include "mail/utf8.h"

namespace todoku::mail {
namespace {

using testing::HasSubstr;

std::string text_field(std::string_view name, std::string_view value) {
  std::string out;
  auto r = append_text_field(out, name, value);
  EXPECT_TRUE(r) << (r ? "" : r.error().text());
  return out;
}

/// What GMime reads in a field written by us.
std::string read_back(const std::string& field) {
  start_gmime();
  const std::string unfolded_value = field.substr(field.find(':') + 1);
  const std::unique_ptr<char, decltype(&g_free)> folded(
      g_mime_utils_header_unfold(unfolded_value.substr(0, unfolded_value.size() - 2).c_str()), g_free);
  const std::unique_ptr<char, decltype(&g_free)> decoded(g_mime_utils_header_decode_text(nullptr, folded.get()),
                                                         g_free);
  std::string text = decoded.get();
  if (text.starts_with(' ')) text.erase(0, 1);
  return text;
}

void expect_wire_form(const std::string& field, std::size_t longest) {
  ASSERT_TRUE(field.ends_with("\r\n"));
  std::size_t start = 0;
  for (std::size_t i = 0; i < field.size(); ++i) {
    EXPECT_LT(static_cast<unsigned char>(field[i]), 0x80);
    if (field[i] != '\n') continue;
    ASSERT_EQ(field[i - 1], '\r');
    EXPECT_LE(i - 1 - start, longest) << field;
    if (start > 0) EXPECT_EQ(field[start], ' ') << field;
    start = i + 1;
  }
}

TEST(Header, LeavesPlainTextAloneAndFoldsIt) {
  EXPECT_EQ(text_field("Subject", "Hello, world"), "Subject: Hello, world\r\n");
  EXPECT_EQ(text_field("Subject", ""), "Subject:\r\n");
  std::string words;
  for (int i = 0; i < 60; ++i) words += (i != 0 ? " word" : "word") + std::to_string(i);
  const std::string folded = text_field("Subject", words);
  expect_wire_form(folded, 78);
  EXPECT_EQ(read_back(folded), words);
}

TEST(Header, EncodesOtherTextWithoutSplittingCharacters) {
  for (std::string_view value :
       {"春のキャンペーンのお知らせ",
        "【重要】Todokuニュース 2024年7月号 ― 届くメールのために、いま私たちができることを考える 😀😀",
        "Grüße aus Köln", "a  b", "trailing ", "tricky =?UTF-8?B?44GC?= word", "tab\tinside", "x̂ combining ‮rtl"}) {
    const std::string field = text_field("Subject", value);
    expect_wire_form(field, 76);
    EXPECT_EQ(read_back(field), value);
  }
  const std::string longest(77, 'x');
  EXPECT_EQ(text_field("Subject", "a " + longest + " b"), "Subject: a\r\n " + longest + "\r\n b\r\n");
  EXPECT_EQ(text_field("Subject", std::string(69, 'x') + " b"), "Subject: " + std::string(69, 'x') + "\r\n b\r\n");
  EXPECT_EQ(read_back(text_field("Subject", std::string(70, 'x') + " b")), std::string(70, 'x') + " b");
  EXPECT_EQ(text_field("Subject", std::string(70, 'x')).find("Subject: =?UTF-8?Q?x"), 0U);
  const std::string longer(78, 'x');
  expect_wire_form(text_field("Subject", "a " + longer + " b"), 76);
  EXPECT_EQ(read_back(text_field("Subject", "a " + longer + " b")), "a " + longer + " b");
  const std::string too_long_for_a_word(5000, 'x');
  expect_wire_form(text_field("Subject", too_long_for_a_word), 76);
  EXPECT_EQ(read_back(text_field("Subject", too_long_for_a_word)), too_long_for_a_word);
}

TEST(Header, EveryEncodedWordIsAWholePieceOfText) {
  std::string value;
  for (int i = 0; i < 40; ++i) value += "日本a語😀 ";
  value += "x";
  const std::string field = text_field("Subject", value);
  std::size_t words = 0;
  for (std::size_t at = field.find("=?UTF-8?B?"); at != field.npos; at = field.find("=?UTF-8?B?", at + 1)) {
    const std::string word = field.substr(at, field.find("?=", at + 10) + 2 - at);
    EXPECT_LE(word.size(), 75u);
    EXPECT_EQ(read_back("x: " + word + "\r\n").find("\uFFFD"), std::string::npos);
    EXPECT_TRUE(is_utf8(read_back("x: " + word + "\r\n")));
    ++words;
  }
  EXPECT_GT(words, 5u);
}

TEST(Header, RefusesInjection) {
  std::string out = "kept";
  for (const std::string& value : {std::string("a\r\nBcc: x@example.jp"), std::string("a\nb"), std::string("a\rb"),
                                   std::string("a\0b", 3), std::string("\xed\xa0\x80"), std::string("a\x1b[1m")}) {
    EXPECT_FALSE(append_text_field(out, "Subject", value));
    EXPECT_FALSE(append_structured_field(out, "X-Trace", value));
    const Mailbox named{value, *parse_address("a@example.jp")};
    EXPECT_FALSE(append_mailbox_field(out, "To", {&named, 1}));
    Mailbox hostile{"", *parse_address("a@example.jp")};
    hostile.address.local = value;
    hostile.address.local += "\r\n";
    EXPECT_FALSE(append_mailbox_field(out, "To", {&hostile, 1}));
  }
  EXPECT_FALSE(append_text_field(out, "Sub ject", "x"));
  EXPECT_FALSE(append_text_field(out, "Subject:", "x"));
  EXPECT_FALSE(append_structured_field(out, "X-Trace", "日本"));
  EXPECT_FALSE(append_structured_field(out, "X-Trace", std::string(1200, 'x')));
  EXPECT_EQ(out, "kept");
}

TEST(HeaderText, TakesOutWhatDoesNotBelong) {
  EXPECT_EQ(header_text("a\r\nBcc:\tb  c "), "a Bcc: b c");
  EXPECT_EQ(header_text(std::string_view("a\0b\x07", 4)), "ab");
  EXPECT_EQ(header_text("a\u202Eb\u2028c\u0085d\x7f"), "ab c d");
  EXPECT_EQ(header_text("\xed\xa0\x80x"), "\uFFFD\uFFFD\uFFFDx");
  EXPECT_EQ(header_text("日本語", 7), "日本");
  EXPECT_EQ(header_text("  "), "");
  EXPECT_EQ(header_text(std::string(20'000, 'a')).size(), 10'000u);
}

std::string mailbox_field(std::string_view typed) {
  std::string out;
  auto mailbox = parse_mailbox(typed);
  EXPECT_TRUE(mailbox);
  EXPECT_TRUE(append_mailbox_field(out, "To", {&*mailbox, 1}));
  return out;
}

TEST(Header, WritesMailboxes) {
  EXPECT_EQ(mailbox_field("a@Example.jp"), "To: a@example.jp\r\n");
  EXPECT_EQ(mailbox_field("Hanako Sato <a@example.jp>"), "To: Hanako Sato <a@example.jp>\r\n");
  EXPECT_EQ(mailbox_field("Sato, \"H\" <a@example.jp>"), "To: \"Sato, \\\"H\\\"\" <a@example.jp>\r\n");
  EXPECT_EQ(mailbox_field("a..b@docomo.ne.jp"), "To: \"a..b\"@docomo.ne.jp\r\n");
  EXPECT_EQ(mailbox_field("佐藤 花子 <a@日本語.jp>"), "To: =?UTF-8?B?5L2Q6JekIOiKseWtkA==?= <a@xn--wgv71a119e.jp>\r\n");
  expect_wire_form(mailbox_field("\"" + std::string(200, 'n') + "\" <" + std::string(64, 'l') + "@example.jp>"), 270);
  EXPECT_THAT(mailbox_field("佐藤@example.jp"), HasSubstr("佐藤@example.jp"));
}

TEST(Header, WritesSeveralMailboxesThatGmimeReads) {
  start_gmime();
  std::vector<Mailbox> many;
  for (int i = 0; i < 8; ++i) {
    many.push_back({i % 2 == 0 ? "株式会社とどく 第" + std::to_string(i) + "営業部" : "Dept. " + std::to_string(i),
                    *parse_address("box" + std::to_string(i) + "@example.jp")});
  }
  std::string out;
  ASSERT_TRUE(append_mailbox_field(out, "Reply-To", many));
  expect_wire_form(out, 78);
  const GObjectPtr<InternetAddressList> list(internet_address_list_parse(nullptr, out.substr(9).c_str()));
  ASSERT_EQ(internet_address_list_length(list.get()), 8);
  for (int i = 0; i < 8; ++i) {
    InternetAddress* const each = internet_address_list_get_address(list.get(), i);
    EXPECT_EQ(internet_address_get_name(each), many[static_cast<std::size_t>(i)].name);
    EXPECT_EQ(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(each)),
              many[static_cast<std::size_t>(i)].address.smtp());
  }
}

TEST(Header, WritesDateMessageIdAndParameters) {
  const base::Time time = base::from_stored(1'719'792'000'123);  // 2024-07-01T00:00:00Z
  EXPECT_EQ(date_text(time, 540), "Mon, 01 Jul 2024 09:00:00 +0900");
  EXPECT_EQ(date_text(time, -210), "Sun, 30 Jun 2024 20:30:00 -0330");
  EXPECT_EQ(*message_id("c1.r2-x", "example.jp"), "<c1.r2-x@example.jp>");
  EXPECT_FALSE(message_id("a b", "example.jp"));
  EXPECT_FALSE(message_id("a>\r\n", "example.jp"));
  EXPECT_FALSE(message_id("", "example.jp"));
  EXPECT_EQ(parameter("filename", "a \"b\".pdf"), R"(filename="a \"b\".pdf")");
  EXPECT_EQ(parameter("filename", "資料.pdf"), "filename*=UTF-8''%E8%B3%87%E6%96%99.pdf");
}

}  // namespace
}  // namespace todoku::mail
