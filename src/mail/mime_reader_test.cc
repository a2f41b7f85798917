#include "mail/mime_reader.h"

#include <gtest/gtest.h>

#include <string>

namespace todoku::mail {
namespace {

TEST(MimeReader, ReadsATreeDepthFirst) {
  const std::string mail =
      "From: a@b.example\r\nContent-Type: multipart/report; boundary=\"x y\"; report-type=delivery-status\r\n\r\n"
      "preamble\r\n--x y\r\n\r\nwords\r\n--x y\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed\r\n\r\n"
      "--x y\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nbody\r\n--x y--\r\nepilogue\r\n";
  const MimeReader reader(mail);
  ASSERT_EQ(reader.parts().size(), 5u);
  EXPECT_TRUE(reader.top().is("MULTIPART", "report"));
  EXPECT_EQ(reader.text(reader.parts()[1]), "words\n");
  EXPECT_TRUE(reader.parts()[2].is("message", "delivery-status"));
  EXPECT_EQ(reader.parts()[4].parent, 3);
  EXPECT_EQ(reader.field(reader.parts()[4], "subject"), "inner");
  EXPECT_EQ(reader.text(reader.parts()[4]), "body\n");
  EXPECT_FALSE(reader.limited());
}

TEST(MimeReader, OuterBoundaryClosesInnerMultipart) {
  const std::string mail =
      "Content-Type: multipart/mixed; boundary=out\n\n--out\nContent-Type: multipart/alternative; boundary=in\n\n"
      "--in\n\nplain\n--out\nContent-Type: text/html\n\n<p>last</p>\n";
  const MimeReader reader(mail);
  ASSERT_EQ(reader.parts().size(), 4u);
  EXPECT_EQ(reader.text(reader.parts()[2]), "plain\n");
  EXPECT_EQ(reader.parts()[3].parent, 0);
  EXPECT_EQ(reader.text(reader.parts()[3]), "<p>last</p>\n");
}

TEST(MimeReader, GuessesABoundaryDeclaredWrong) {
  const std::string mail =
      "Content-Type: multipart/mixed; boundary=declared\n\n--used\nContent-Type: text/plain\n\nwords\n--used--\n";
  const MimeReader reader(mail);
  ASSERT_EQ(reader.parts().size(), 2u);
  EXPECT_EQ(reader.text(reader.parts()[1]), "words\n");
}

TEST(MimeReader, UnifiesLoneCarriageReturnsAndNuls) {
  const MimeReader reader("Subject: s\rContent-Type: text/plain\r\rone\rtwo\r");
  EXPECT_EQ(reader.field(reader.top(), "Subject"), "s");
  EXPECT_EQ(reader.text(reader.top()), "one\ntwo\n");
  const std::string nul("Subject: s\n\na\0b\n", 16);
  const MimeReader with_nul(nul);
  EXPECT_EQ(with_nul.text(with_nul.top()), "a b\n");
}

TEST(MimeReader, DecodesWhatTheBytesProveRatherThanWhatIsClaimed) {
  const MimeReader base64(
      "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: BASE64\n\n44Gq44GL\n44Gq\n");
  EXPECT_EQ(base64.text(base64.top()), "なかな");
  const MimeReader iso2022("Content-Type: text/plain; charset=us-ascii\n\n\x1b$B%(%i!<\x1b(B\n");
  EXPECT_EQ(iso2022.text(iso2022.top()), "エラー\n");
  const MimeReader utf8("Content-Type: text/plain; charset=iso-8859-1\n\nnon trouvé\n");
  EXPECT_EQ(utf8.text(utf8.top()), "non trouvé\n");
  const MimeReader latin(
      "Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nnon trouv=E9 "
      "=\nici=\n");
  EXPECT_EQ(latin.text(latin.top()), "non trouvé ici");
}

TEST(MimeReader, TakesTheHeadersCharsetWhereTheTextNamesNone) {
  const std::string korean = "Subject: =?euc-kr?B?ud28ug==?=\n\n\xb9\xdd\xbc\xdb\n";  // 반송
  const MimeReader read(korean);
  EXPECT_EQ(read.text(read.top()), "반송\n");
  const std::string quoting = "Subject: Re: =?iso-2022-jp?B?GyRCRnwbKEI=?=\n\n\xbb\xe1\xcc\xbe,\xa5\xe1\n";
  const MimeReader japanese(quoting);
  EXPECT_EQ(japanese.text(japanese.top()), "氏名,メ\n");
}

TEST(MimeReader, TwentyThousandDeepNestingIsHarmless) {
  std::string deep;
  for (int i = 0; i < 20000; ++i) deep += "Content-Type: message/rfc822\n\n";
  const MimeReader mails(deep);
  EXPECT_TRUE(mails.limited());
  EXPECT_LT(mails.parts().size(), 20u);
  std::string parts;
  for (int i = 0; i < 20000; ++i) {
    const std::string boundary = "b" + std::to_string(i);
    parts += "Content-Type: multipart/mixed; boundary=" + boundary + "\n\n--" + boundary + "\n";
  }
  const MimeReader multiparts(parts);
  EXPECT_TRUE(multiparts.limited());
  EXPECT_LT(multiparts.parts().size(), 20u);
}

bool torn(const std::string& mail) { return MimeReader(mail).torn(); }

TEST(MimeReader, KnowsATornMail) {
  const std::string head = "Content-Type: multipart/mixed; boundary=b\n\n";
  EXPECT_FALSE(torn(head + "--b\n\nx\n--b--\n"));
  EXPECT_TRUE(torn(head + "--b\n\nx\n"));
  EXPECT_TRUE(torn(head + "--c\n\nx\n--c--\n"));
  EXPECT_FALSE(torn("Subject: s\n\nno multipart\n"));
}

TEST(MimeReader, ManyPartsStopAtTheLimit) {
  std::string mail = "Content-Type: multipart/mixed; boundary=b\n\n";
  for (int i = 0; i < 5000; ++i) mail += "--b\n\nx\n";
  const MimeReader reader(mail);
  EXPECT_TRUE(reader.limited());
  EXPECT_LE(reader.parts().size(), MimeLimits{}.parts);
}

TEST(MimeReader, SkipsAnMboxLineAndJunkInTheHeader) {
  const MimeReader reader("From someone Mon Jan  1 00:00:00 2024\nSubject: s\njunk without colon\nTo: t\n\nbody\n");
  EXPECT_EQ(reader.field(reader.top(), "To"), "t");
  EXPECT_EQ(reader.text(reader.top()), "body\n");
  const MimeReader headerless("plain words\nand more\n");
  EXPECT_EQ(headerless.text(headerless.top()), "plain words\nand more\n");
}

TEST(MimeHeader, DecodesWordsSplitInsideACharacter) {
  EXPECT_EQ(decoded_header("=?utf-8?B?44Gq44E=?=\r\n =?utf-8?B?iw==?= x"), "なか x");
  EXPECT_EQ(decoded_header("=?iso-8859-15?Q?Delivery_=28Failure=29?="), "Delivery (Failure)");
  EXPECT_EQ(decoded_header("=?utf-8?Q?never closed"), "=?utf-8?Q?never closed");
  EXPECT_EQ(decoded_header("=?ISO-2022-JP?B?GyRCJSglaSE8GyhC?="), "エラー");
}

TEST(MimeHeader, ReadsParametersAsRfc2231HasThem) {
  EXPECT_EQ(parameter_of("text/plain; charset=\"utf-8\"; x=y", "charset"), "utf-8");
  EXPECT_EQ(parameter_of("a/b; boundary=\"a;\\\"b\"", "boundary"), "a;\"b");
  EXPECT_EQ(parameter_of("a/b; name*0*=utf-8''%E3%81; name*1*=%AA", "name"), "な");
  EXPECT_EQ(parameter_of("a/b", "boundary"), "");
}

TEST(MimeHeader, UnclosedWordsStayLinear) {
  std::string header;
  for (int i = 0; i < 50000; ++i) header += "=?a?q?x ";
  EXPECT_EQ(decoded_header(header).size(), header.size());
}

}  // namespace
}  // namespace todoku::mail
