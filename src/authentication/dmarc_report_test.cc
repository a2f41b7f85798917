#include "authentication/dmarc_report.h"

#include <gmock/gmock.h>

#include <chrono>
#include <fstream>
#include <iterator>

namespace todoku::authentication {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr base::Time kBegin{std::chrono::seconds(1'795'478'400)};

std::string seed(const std::string& name) {
  std::ifstream file(TODOKU_SOURCE_DIR "/fuzz/seeds/dmarc_report/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string row(std::string_view source, std::string_view count = "1") {
  return "<record><row><source_ip>" + std::string(source) + "</source_ip><count>" + std::string(count) +
         "</count></row></record>";
}

std::string report(std::string_view rows) {
  return "<feedback><report_metadata><org_name>R</org_name><report_id>1</report_id></report_metadata>"
         "<policy_published><domain>example.jp</domain><p>none</p></policy_published>" +
         std::string(rows) + "</feedback>";
}

DmarcReport parsed(const std::string& xml) {
  auto report = parse_dmarc_report(xml);
  if (!report) {
    ADD_FAILURE() << report.error().text();
    return {};
  }
  return *std::move(report);
}

struct Shape {
  const char* file;
  const char* organisation;
  const char* policy;
  std::size_t rows;
  std::int64_t mails, aligned;
};

// The shapes that the big receivers' reports have: order of elements, namespaces, blanks, capitals, what is left out.
constexpr Shape kShapes[] = {
    {"google.xml", "google.com", "none", 3, 153, 122},
    {"yahoo.xml", "Yahoo", "none", 1, 14, 14},
    {"microsoft.xml", "Enterprise Outlook", "quarantine", 2, 10, 7},
    {"mailru.xml", "Mail.Ru", "none", 1, 5, 5},
    {"fastmail.xml", "FastMail Pty Ltd", "reject", 1, 1, 0},
    {"comcast.xml", "comcast.net", "none", 1, 2, 2},
    {"gmx.xml", "GMX", "none", 1, 9, 9},
    {"amazonses.xml", "AMAZON-SES", "none", 1, 1, 1},
    {"docomo.xml", "株式会社NTTドコモ", "none", 1, 42, 42},
    {"successor.xml", "Sample Reporter", "quarantine", 1, 123, 123},
};

TEST(DmarcReportTest, ReadsTheShapesOfTheBigReceivers) {
  for (const Shape& shape : kShapes) {
    SCOPED_TRACE(shape.file);
    const DmarcReport report = parsed(seed(shape.file));
    EXPECT_EQ(report.organisation, shape.organisation);
    EXPECT_FALSE(report.id.empty());
    EXPECT_EQ(report.begin, kBegin);
    EXPECT_EQ(report.policy.domain, "news.example.jp");
    EXPECT_EQ(report.policy.policy, shape.policy);
    EXPECT_EQ(report.problem, "");
    EXPECT_THAT(report.rows, SizeIs(shape.rows));
    std::int64_t mails = 0, aligned = 0;
    for (const DmarcRow& row : report.rows) {
      EXPECT_EQ(row.header_from, "news.example.jp");
      mails += row.mails;
      if (row.dkim_aligned || row.spf_aligned) aligned += row.mails;
    }
    EXPECT_EQ(mails, shape.mails);
    EXPECT_EQ(aligned, shape.aligned);
  }
}

TEST(DmarcReportTest, KeepsWhatARowTells) {
  const DmarcReport google = parsed(seed("google.xml"));
  ASSERT_THAT(google.rows, SizeIs(3));
  const DmarcRow& forwarded = google.rows[2];
  EXPECT_EQ(forwarded.source, "2001:db8:4::25");
  EXPECT_TRUE(forwarded.dkim_aligned);
  EXPECT_FALSE(forwarded.spf_aligned);
  EXPECT_THAT(forwarded.overrides, ElementsAre("local_policy"));
  ASSERT_THAT(forwarded.dkim, SizeIs(2));
  EXPECT_EQ(forwarded.dkim[1].selector, "t20261101");
  EXPECT_EQ(forwarded.spf[0].domain, "list.example.org");
  const DmarcReport microsoft = parsed(seed("microsoft.xml"));
  EXPECT_EQ(microsoft.rows[1].disposition, "quarantine");
  EXPECT_EQ(microsoft.rows[0].envelope_to, "reader.example.com");
  EXPECT_THAT(parsed(seed("comcast.xml")).rows[0].overrides, ElementsAre("mailing_list", "forwarded"));
}

TEST(DmarcReportTest, ReadsTheSuccessorsFields) {
  const DmarcReport report = parsed(seed("successor.xml"));
  EXPECT_EQ(report.policy.np_policy, "reject");
  EXPECT_EQ(report.rows[0].source, "192.0.2.10") << "an IPv4 address in IPv6 clothes";
  EXPECT_EQ(report.rows[0].disposition, "none") << "pass is what none was";
}

TEST(DmarcReportTest, JudgesAlignmentWhereTheReceiverDoesNot) {
  const std::string results =
      "<record><row><source_ip>192.0.2.1</source_ip></row><identifiers><header_from>example.jp</header_from></"
      "identifiers>"
      "<auth_results><dkim><domain>mail.example.jp</domain><result>pass</result></dkim>"
      "<spf><domain>elsewhere.example</domain><result>pass</result></spf></auth_results></record>";
  const DmarcReport relaxed = parsed(report(results));
  EXPECT_TRUE(relaxed.rows[0].dkim_aligned);
  EXPECT_FALSE(relaxed.rows[0].spf_aligned);
  std::string strict = report(results);
  strict.replace(strict.find("<p>"), 0, "<adkim>S</adkim>");
  EXPECT_FALSE(parsed(strict).rows[0].dkim_aligned);
}

TEST(DmarcReportTest, KeepsTheWholeRowsOfOneThatBreaksOff) {
  const std::string google = seed("google.xml");
  const DmarcReport cut = parsed(google.substr(0, google.rfind("<identifiers>")));
  EXPECT_THAT(cut.rows, SizeIs(2));
  EXPECT_NE(cut.problem, "");
  const auto headless = parse_dmarc_report(google.substr(0, google.find("<policy_published>")));
  ASSERT_FALSE(headless.ok());
  EXPECT_THAT(headless.error().message, HasSubstr("no DMARC report"));
}

TEST(DmarcReportTest, ForgivesTrailingGarbageStrayMarksAndAmpersands) {
  EXPECT_EQ(parsed(report(row("192.0.2.1")) + "\n]]>garbage <<<").problem, "");
  EXPECT_THAT(parsed("\xef\xbb\xbf \r\n<?xml version='1.0' encoding='utf-16'?>" + report(row("192.0.2.1"))).rows,
              SizeIs(1));
  std::string text = report(row("192.0.2.1"));
  text.replace(text.find(">R<"), 3, ">A&T & \x01 &unknown; &amp; &#38;<");
  EXPECT_EQ(parsed(text).organisation, "A&T &   &unknown; & &");
  std::string wide = "\xff\xfe";
  for (const char c : report(row("192.0.2.1"))) wide += {c, '\0'};
  EXPECT_THAT(parsed(wide).rows, SizeIs(1));
}

TEST(DmarcReportTest, PassesOverRowsThatCannotBe) {
  const DmarcReport read =
      parsed(report(row("nowhere") + row("192.0.2.1", "-5") + row("192.0.2.2", "99999999999999999999") +
                    row("192.0.2.3", "0") + row("192.0.2.4", "7")));
  ASSERT_THAT(read.rows, SizeIs(1));
  EXPECT_EQ(read.rows[0].mails, 7);
  EXPECT_EQ(read.unread_rows, 3U);
}

TEST(DmarcReportTest, BombsAreHarmless) {
  const auto laughs = parse_dmarc_report(seed("laughs.xml"));
  ASSERT_FALSE(laughs.ok());
  EXPECT_EQ(laughs.error().code, base::ErrorCode::refused);
  const auto external = parse_dmarc_report(
      "<!DOCTYPE f SYSTEM "
      "\"file:///etc/passwd\"><feedback><report_metadata><org_name>&x;</org_name></report_metadata></feedback>");
  ASSERT_FALSE(external.ok());
  EXPECT_EQ(external.error().code, base::ErrorCode::refused);
  std::string deep = "<feedback>";
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  EXPECT_FALSE(parse_dmarc_report(deep).ok());
  EXPECT_FALSE(parse_dmarc_report(std::string(kLargestDmarcReport + 1, '<')).ok());
  EXPECT_FALSE(parse_dmarc_report(std::string(kLargestDmarcReport - 1, '&')).ok());
  EXPECT_FALSE(parse_dmarc_report("").ok());
  EXPECT_FALSE(parse_dmarc_report("<html><body>Not found</body></html>").ok());
}

TEST(DmarcReportTest, StopsAtTheMostRows) {
  std::string rows;
  const std::string one = "<record><row><source_ip>::1</source_ip></row></record>";
  for (std::size_t i = 0; i < kMostDmarcRows + 5; ++i) rows += one;
  const DmarcReport read = parsed(report(rows));
  EXPECT_THAT(read.rows, SizeIs(kMostDmarcRows));
  EXPECT_THAT(read.problem, HasSubstr("rows"));
}

}  // namespace
}  // namespace todoku::authentication
