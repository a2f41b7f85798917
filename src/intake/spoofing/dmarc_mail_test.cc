#include "intake/spoofing/dmarc_mail.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

#include "mail/transfer_encoding.h"

namespace todoku::intake::spoofing {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

std::string seed(const std::string& name) {
  std::ifstream file(TODOKU_SOURCE_DIR "/fuzz/seeds/dmarc_report/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

constexpr std::string_view kSubject =
    "Subject: Report domain: news.example.jp Submitter: google.com Report-ID: <1>\r\n";

std::string body(std::string_view type, std::string_view name, std::string_view content) {
  std::string part = "Content-Type: " + std::string(type) + "; name=\"" + std::string(name) +
                     "\"\r\nContent-Transfer-Encoding: base64\r\n\r\n";
  mail::append_base64(part, content);
  return part;
}

std::string single(std::string_view type, std::string_view name, std::string_view content, std::string_view subject) {
  return "From: noreply-dmarc@receiver.example\r\nTo: dmarc@news.example.jp\r\n" + std::string(subject) +
         "MIME-Version: 1.0\r\n" + body(type, name, content);
}

std::string with_text(std::string_view part) {
  return "From: a@receiver.example\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; "
         "boundary=b\r\n\r\n"
         "--b\r\nContent-Type: text/plain\r\n\r\nThis is an aggregate report.\r\n--b\r\n" +
         std::string(part) + "\r\n--b--\r\n";
}

constexpr std::string_view kName = "google.com!news.example.jp!1795478400!1795564799";

TEST(DmarcMailTest, FindsReportsUnderEveryTypeTheyComeIn) {
  const std::string name(kName);
  const std::string mails[] = {
      single("application/gzip", name + ".xml.gz", seed("google.xml.gz"), kSubject),
      single("application/zip", name + ".zip", seed("google.zip"), kSubject),
      single("application/x-zip-compressed", "report", seed("google.zip"), "Subject: no word of it\r\n"),
      single("application/octet-stream", name + ".xml.gz", seed("google.xml.gz"), ""),
      single("text/xml", name + ".xml", seed("google.xml"), ""),
      with_text(body("application/xml", "report.xml", seed("google.xml"))),
      with_text(body("application/octet-stream", name + ".zip", seed("google.zip"))),
  };
  for (const std::string& mail : mails) {
    SCOPED_TRACE(mail.substr(0, 300));
    const auto found = read_dmarc_mail(mail);
    ASSERT_TRUE(found);
    EXPECT_THAT(found->reports, SizeIs(1));
    EXPECT_EQ(found->problem, "");
  }
}

TEST(DmarcMailTest, SaysWhatIsWrongWithOneThatClaimsToBeOne) {
  const auto broken = read_dmarc_mail(single("application/gzip", std::string(kName) + ".xml.gz", "nonsense", ""));
  ASSERT_TRUE(broken);
  EXPECT_THAT(broken->problem, HasSubstr("neither XML nor gzip nor zip"));
  const auto empty = read_dmarc_mail("From: a@b.example\r\n" + std::string(kSubject) + "\r\nnothing attached\r\n");
  ASSERT_TRUE(empty);
  EXPECT_NE(empty->problem, "");
  const auto bomb = read_dmarc_mail(single("text/xml", "x.xml", seed("laughs.xml"), kSubject));
  ASSERT_TRUE(bomb);
  EXPECT_THAT(bomb->reports, SizeIs(0));
}

TEST(DmarcMailTest, LeavesOtherMailsAlone) {
  EXPECT_FALSE(read_dmarc_mail("From: a@b.example\r\nSubject: Re: hello\r\n\r\nHello\r\n"));
  EXPECT_FALSE(read_dmarc_mail(with_text(body("application/zip", "photos.zip", "PK\x03\x04 whatever"))));
  EXPECT_FALSE(read_dmarc_mail(with_text(body("text/xml", "feed.xml", "<rss><channel/></rss>"))));
  EXPECT_FALSE(read_dmarc_mail(
      single("application/tlsrpt+gzip", "google.com!x.example!1!2!001.json.gz", "x", "Subject: r\r\n")));
  EXPECT_FALSE(read_dmarc_mail(""));
}

}  // namespace
}  // namespace todoku::intake::spoofing
