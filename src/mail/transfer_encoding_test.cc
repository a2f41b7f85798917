#include "mail/transfer_encoding.h"

#include <gmime/gmime.h>
#include <gtest/gtest.h>

#include <vector>

#include "mail/gmime.h"

namespace todoku::mail {
namespace {

std::string qp(std::string_view text) {
  std::string out;
  append_quoted_printable(out, text);
  return out;
}

std::string decoded(const std::string& encoded, GMimeContentEncoding how) {
  start_gmime();
  GMimeEncoding state;
  g_mime_encoding_init_decode(&state, how);
  std::vector<char> out(encoded.size() + 16);
  const std::size_t n = g_mime_encoding_step(&state, encoded.data(), encoded.size(), out.data());
  return {out.data(), n};
}

void expect_lines(const std::string& text, std::size_t longest) {
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\n') continue;
    ASSERT_TRUE(i > 0 && text[i - 1] == '\r');
    EXPECT_LE(i - 1 - start, longest);
    if (i - 1 > start) EXPECT_NE(text[i - 2], ' ');
    start = i + 1;
  }
  EXPECT_LE(text.size() - start, longest);
}

TEST(QuotedPrintable, WritesTextThatGmimeReads) {
  std::string all;
  for (int c = 0; c < 256; ++c) {
    if (c != '\r' && c != '\n') all += static_cast<char>(c);
  }
  for (const std::string& text : {std::string("日本語のメール\r\n二行目 \r\n\t\r\n"), std::string(300, 'x') + "\r\n",
                                  all, std::string(80, ' ') + "\r\n", std::string("From here\r\n.\r\n..\r\n=3D")}) {
    EXPECT_EQ(decoded(qp(text), GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE), text);
    expect_lines(qp(text), 76);
  }
}

TEST(QuotedPrintable, IsExactWhereItMatters) {
  EXPECT_EQ(qp("a=b \n"), "a=3Db=20\r\n");
  EXPECT_EQ(qp("a\rb\nc\r\nd"), "a\r\nb\r\nc\r\nd");
  EXPECT_EQ(qp("From x"), "=46rom x");
  EXPECT_EQ(qp(""), "");
  EXPECT_EQ(qp("a "), "a ");  // goes on after a soft break, so the blank is safe
  EXPECT_EQ(qp(std::string(75, 'x')), std::string(75, 'x'));
  EXPECT_EQ(qp(std::string(76, 'x')), std::string(75, 'x') + "=\r\nx");
}

TEST(Base64, WritesBytesThatGmimeReads) {
  std::string bytes;
  for (int i = 0; i < 400; ++i) {
    std::string out;
    append_base64(out, bytes);
    EXPECT_EQ(decoded(out, GMIME_CONTENT_ENCODING_BASE64), bytes);
    expect_lines(out, 76);
    bytes += static_cast<char>(i * 37);
  }
  std::string out;
  append_base64_unbroken(out, "ab");
  EXPECT_EQ(out, "YWI=");
}

TEST(TransferEncoding, IsChosenByContent) {
  EXPECT_EQ(choose_encoding("plain\r\ntext\n"), TransferEncoding::seven_bit);
  EXPECT_EQ(choose_encoding(std::string(998, 'x')), TransferEncoding::seven_bit);
  EXPECT_EQ(choose_encoding(std::string(999, 'x')), TransferEncoding::quoted_printable);
  EXPECT_EQ(choose_encoding("日本語だけの本文"), TransferEncoding::base64);
  EXPECT_EQ(choose_encoding("<p class=x>mostly markup</p><p>日</p><p>and so on</p>"),
            TransferEncoding::quoted_printable);
  EXPECT_EQ(choose_encoding(std::string("\0", 1)), TransferEncoding::quoted_printable);
  std::string out;
  append_crlf(out, "a\nb\r\nc\rd");
  EXPECT_EQ(out, "a\r\nb\r\nc\r\nd");
}

}  // namespace
}  // namespace todoku::mail
