#include "mail/reflow.h"

#include <gmock/gmock.h>

#include "mail/mime_reader.h"

namespace todoku::mail {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string reflowed(const std::string& mail, std::size_t limit = 78) {
  auto made = reflow(mail, limit);
  EXPECT_TRUE(made) << made.error().text();
  if (!made) return {};
  EXPECT_FALSE(has_line_above(*made, limit)) << *made;
  EXPECT_EQ(reflow(*made, limit).value(), *made) << "once is enough";
  return *made;
}

std::string text_of(const std::string& mail, std::size_t part = 0) {
  const MimeReader reader(mail);
  return reader.text(reader.parts()[part]);
}

std::string field_of(const std::string& mail, std::string_view name) {
  const MimeReader reader(mail);
  return decoded_header(reader.field(reader.top(), name));
}

std::string words(std::size_t count, const std::string& word = "word") {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += (i == 0 ? "" : " ") + word + std::to_string(i);
  return out;
}

TEST(Reflow, LeavesAloneWhatIsShortEnough) {
  const std::string mail = "Subject: a\r\n\r\n" + std::string(998, 'x') + "\r\n.\r\n";
  EXPECT_EQ(reflowed(mail, 998), mail);
}

TEST(Reflow, EncodesATextWithALongLine) {
  const std::string line = "<p>" + words(400, "日本") + " = </p>";
  const std::string mail = "Subject: a\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + line + "\r\nend\r\n";
  const std::string made = reflowed(mail, 998);
  EXPECT_EQ(text_of(made), line + "\nend\n");
  EXPECT_THAT(made, HasSubstr("charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>"));
  const std::string declared =
      "Content-Transfer-Encoding: 8bit\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + line;
  EXPECT_EQ(text_of(reflowed(declared)), line);
  EXPECT_THAT(reflowed(declared), Not(HasSubstr("8bit")));
}

TEST(Reflow, TouchesOnlyThePartsWithLongLines) {
  const std::string attachment(5000, 'Q');
  const std::string mail =
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nshort\r\n--b\r\nContent-Type: text/plain\r\n\r\n" +
      std::string(3000, 'y') + "\r\n--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
      attachment + "\r\n--b\r\nContent-Type: application/json\r\n\r\n{" + std::string(2000, ' ') + "}\r\n--b--\r\n";
  const std::string made = reflowed(mail, 998);
  EXPECT_THAT(made, HasSubstr("--b\r\n\r\nshort\r\n--b\r\n"));
  EXPECT_EQ(text_of(made, 2), std::string(3000, 'y') + "\n");
  const MimeReader before(mail);
  const MimeReader after(made);
  ASSERT_EQ(after.parts().size(), 5U);
  EXPECT_EQ(after.bytes(after.parts()[3], 100'000), before.bytes(before.parts()[3], 100'000));
  EXPECT_EQ(after.bytes(after.parts()[4], 100'000), "{" + std::string(2000, ' ') + "}");
}

TEST(Reflow, FoldsFieldsAtTheirBlanks) {
  const std::string subject = words(300);
  std::string to;
  for (int i = 0; i < 100; ++i) to += (i == 0 ? "" : ",") + std::string("a") + std::to_string(i) + "@example.jp";
  const std::string mail = "Subject: " + subject + "\r\nTo: " + to + "\r\nX-Short: 1\r\n\r\nbody\r\n";
  const std::string made = reflowed(mail);
  EXPECT_EQ(field_of(made, "Subject"), subject);
  std::string again = field_of(made, "To");
  std::erase(again, ' ');
  EXPECT_EQ(again, to);
  EXPECT_THAT(made, HasSubstr("X-Short: 1\r\n\r\nbody\r\n"));
}

TEST(Reflow, EncodesASubjectWithoutBlanks) {
  std::string subject;
  for (int i = 0; i < 400; ++i) subject += "件名";
  EXPECT_EQ(field_of(reflowed("Subject: " + subject + "\r\n\r\nb\r\n", 998), "Subject"), subject);
  EXPECT_EQ(field_of(reflowed("Subject: " + std::string(2000, 'x') + "\r\n\r\nb\r\n"), "Subject"),
            std::string(2000, 'x'));
}

TEST(Reflow, RefusesWhatItWouldChange) {
  const auto code_of = [](const std::string& mail) {
    const auto made = reflow(mail, 998);
    return made ? "none" : made.error().message;
  };
  EXPECT_THAT(code_of("X-Token: " + std::string(2000, 'x') + "\r\n\r\nb\r\n"), HasSubstr("no place to fold"));
  EXPECT_THAT(code_of("Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\n" + std::string(2000, 'x') +
                      "\r\n--b--\r\n"),
              HasSubstr("signed"));
  EXPECT_THAT(code_of("Content-Type: text/plain\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\n" +
                      std::string(2000, 'x') + "\r\n"),
              HasSubstr("cannot be encoded"));
}

}  // namespace
}  // namespace todoku::mail
