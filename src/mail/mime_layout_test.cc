#include "mail/mime_layout.h"

#include <gmime/gmime.h>
#include <gmock/gmock.h>

#include "mail/gmime.h"

namespace todoku::mail {
namespace {

using testing::HasSubstr;
using testing::Not;

MimeParts parts() {
  MimeParts made;
  made.texts = {{"plain", TransferEncoding::base64}, {"html", TransferEncoding::quoted_printable}};
  made.inline_files = {{"logo.png", "", std::string("\x89PNG\0\r\n", 7), "logo@todoku"}};
  made.attachments = {{"資料 2024年度版 とても長い名前のご案内.pdf", "", std::string(200, '\xff'), ""}};
  return made;
}

std::string filled(const MimeLayout& layout, const std::vector<std::string>& texts) {
  std::string whole = layout.pieces[0];
  for (std::size_t i = 0; i < texts.size(); ++i) whole += texts[i] + layout.pieces[i + 1];
  return whole;
}

GObjectPtr<GMimeMessage> parse(const std::string& mail) {
  const GObjectPtr<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(mail.data(), mail.size()));
  const GObjectPtr<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
  return GObjectPtr<GMimeMessage>(g_mime_parser_construct_message(parser.get(), nullptr));
}

GMimeObject* child(GMimeObject* multipart, int index) {
  return g_mime_multipart_get_part(GMIME_MULTIPART(multipart), index);
}

std::string content(GMimeObject* part) {
  const GObjectPtr<GMimeStream> stream(g_mime_stream_mem_new());
  g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(GMIME_PART(part)), stream.get());
  const GByteArray* const bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream.get()));
  return {reinterpret_cast<const char*>(bytes->data), bytes->len};
}

TEST(MimeLayout, HoldsEveryPart) {
  auto layout = lay_out(parts());
  ASSERT_TRUE(layout);
  ASSERT_EQ(layout->pieces.size(), 3u);
  const std::string mail = filled(*layout, {"5pel5pys\r\n", "<p>=E6=97=A5</p>\r\n"});
  auto message = parse(mail);
  GMimeObject* const mixed = g_mime_message_get_mime_part(message.get());
  ASSERT_TRUE(GMIME_IS_MULTIPART(mixed)) << mail;
  GMimeObject* const related = child(mixed, 0);
  GMimeObject* const alternative = child(related, 0);
  EXPECT_EQ(content(child(alternative, 0)), "日本");
  EXPECT_EQ(content(child(alternative, 1)), "<p>日</p>\r\n");
  GMimeObject* const logo = child(related, 1);
  EXPECT_STREQ(g_mime_object_get_content_id(logo), "logo@todoku");
  EXPECT_EQ(content(logo), parts().inline_files[0].content);
  GMimeObject* const attached = child(mixed, 1);
  EXPECT_EQ(g_mime_part_get_filename(GMIME_PART(attached)), parts().attachments[0].name);
  EXPECT_EQ(content(attached), parts().attachments[0].content);
  EXPECT_THAT(mail, HasSubstr("filename*0*="));
  EXPECT_THAT(mail, HasSubstr("Content-Type: text/html; charset=utf-8"));
}

TEST(MimeLayout, IsTheSameForTheSameParts) {
  EXPECT_EQ(lay_out(parts())->pieces, lay_out(parts())->pieces);
  auto other = parts();
  other.attachments[0].content += "x";
  EXPECT_NE(lay_out(parts())->pieces, lay_out(other)->pieces);
}

TEST(MimeLayout, HasCrlfLineEndsAndShortLines) {
  const auto layout = lay_out(parts());
  ASSERT_TRUE(layout);
  for (const std::string& piece : layout->pieces) {
    std::size_t start = 0;
    for (std::size_t i = 0; i < piece.size(); ++i) {
      EXPECT_LT(static_cast<unsigned char>(piece[i]), 0x80);
      if (piece[i] == '\r') EXPECT_EQ(piece[i + 1], '\n');
      if (piece[i] != '\n') continue;
      EXPECT_EQ(piece[i - 1], '\r');
      EXPECT_LE(i - 1 - start, 200u);
      start = i + 1;
    }
  }
}

TEST(MimeLayout, NeedsNoMultipartForOneText) {
  MimeParts one;
  one.texts = {{"plain", TransferEncoding::seven_bit}};
  auto layout = lay_out(one);
  ASSERT_TRUE(layout);
  EXPECT_THAT(layout->pieces[0], Not(HasSubstr("multipart")));
  EXPECT_THAT(layout->pieces[0], HasSubstr("Content-Transfer-Encoding: 7bit\r\n"));
  EXPECT_TRUE(layout->pieces[0].ends_with("\r\n\r\n"));
  EXPECT_EQ(layout->pieces[1], "");
}

TEST(MimeLayout, CannotBeInjectedIntoByFileNames) {
  auto hostile = parts();
  hostile.attachments[0].name = "a\r\nBcc: x@example.jp\r\n\r\n\"; x=\"@@todoku-text-0";
  hostile.attachments[0].content_type = "text/plain\r\nX-Evil: 1";
  hostile.inline_files[0].content_id = "a>\r\nX-Evil: 1";
  auto layout = lay_out(hostile);
  ASSERT_TRUE(layout);
  for (const std::string& piece : layout->pieces) {
    EXPECT_THAT(piece, Not(HasSubstr("\nBcc")));
    EXPECT_THAT(piece, Not(HasSubstr("\nX-Evil")));
  }
}

TEST(MimeLayout, KnowsTypesByEnding) {
  EXPECT_EQ(content_type_of("Logo.PNG"), "image/png");
  EXPECT_EQ(content_type_of("x"), "application/octet-stream");
  EXPECT_EQ(content_type_of(""), "application/octet-stream");
}

}  // namespace
}  // namespace todoku::mail
