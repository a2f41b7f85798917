// Complaints in the shapes of the large feedback loops, made up after what their operators document: Yahoo
// (senders.yahooinc.com: ARF with all fields of the mail), Microsoft's JMRP (a plain forwarded mail until 2026, since
// then ARF that hides who complained), and ARF that leaves out as much as RFC 5965 and RFC 6590 allow.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "intake/intake_item.h"

namespace todoku::intake {
namespace {

using bounce::Effect;
using bounce::Kind;
using tracking::MailId;
using tracking::Purpose;

constexpr MailId kMail{{12}, {345}};
constexpr std::string_view kReader = "aoi@reader.example";

class ComplaintTest : public testing::Test {
 protected:
  [[nodiscard]] std::string token(Purpose purpose) const { return tokens_.sign(purpose, kMail); }
  [[nodiscard]] std::string message_id() const {
    return "Message-ID: <" + token(Purpose::message_id) + "@news.example>\r\n";
  }
  [[nodiscard]] std::string unsubscribe() const {
    return fmt::format(
        "List-Unsubscribe: <https://news.example/u/{0}>,\r\n <mailto:unsubscribe+{0}@bounces.news.example>\r\n",
        token(Purpose::unsubscribe));
  }
  static std::string feedback_id() { return "Feedback-ID: c12:l3:newsletter:news.example\r\n"; }

  /// A mail of ours as it lies at the receiver.
  [[nodiscard]] std::string mail(std::string_view to = kReader) const {
    return fmt::format(
        "Received: from mail.news.example (192.0.2.10) by mx.receiver.example; Mon, 2 Nov 2026 00:00:02 +0000\r\n"
        "DKIM-Signature: v=1; a=rsa-sha256; d=news.example; s=a; h=from:to; bh=x; b=y\r\n"
        "Date: Mon, 2 Nov 2026 09:00:00 +0900\r\nFrom: Todoku <news@news.example>\r\nTo: {}\r\n"
        "Subject: =?UTF-8?B?56eL44Gu5paw5L2c?=\r\n{}{}{}\r\nHello.\r\n",
        to, message_id(), unsubscribe(), feedback_id());
  }

  /// RFC 5965.
  static std::string report(std::string_view header, std::string_view fields, std::string_view original,
                            std::string_view type = "message/rfc822") {
    return fmt::format(
        "{}MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=\"cut\"\r\n\r\n"
        "--cut\r\nContent-Type: text/plain; charset=US-ASCII\r\n\r\nThis is an email abuse report.\r\n\r\n--cut\r\n"
        "Content-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n{}\r\n--cut\r\nContent-Type: {}\r\n"
        "Content-Disposition: inline\r\n\r\n{}\r\n--cut--\r\n",
        header, fields, type, original);
  }

  Intake::Item read(std::string content) {
    const bounce::Analyser analyser(*rules_);
    Arrival arrival;
    arrival.road = Road::smtp;
    arrival.recipient = "fbl@bounces.news.example";
    arrival.content = std::move(content);
    return read_arrival(arrival, analyser, tokens_, {});
  }

  void expect_joined(const Intake::Item& item, FoundBy found_by) {
    EXPECT_EQ(item.report.kind, Kind::complaint);
    EXPECT_EQ(item.state, State::joined);
    EXPECT_EQ(item.trace.mail, kMail);
    EXPECT_EQ(to_string(item.trace.found_by), to_string(found_by));
    ASSERT_FALSE(item.report.recipients.empty());
    EXPECT_EQ(item.report.recipients[0].effect, Effect::unsubscribe);
  }

  const tracking::Tokens tokens_{{{1, base::Secret(std::string(tracking::Tokens::kSecretSize, 'k'))}}};
  const std::unique_ptr<bounce::Rules> rules_ = std::move(bounce::Rules::load()).value();
};

constexpr std::string_view kYahoo =
    "From: Yahoo! Mail AntiSpam Feedback <feedback@arf.mail.yahoo.com>\r\nTo: fbl@bounces.news.example\r\n"
    "Subject: FW: =?UTF-8?B?56eL44Gu5paw5L2c?=\r\nDate: Mon, 2 Nov 2026 01:00:00 +0000\r\n";
constexpr std::string_view kYahooFields =
    "User-Agent: Yahoo!-Mail-Feedback/2.0\r\nVersion: 0.1\r\nOriginal-Mail-From: <bounces@news.example>\r\n"
    "Original-Rcpt-To: aoi@reader.example\r\nReceived-Date: Mon, 2 Nov 2026 00:00:02 +0000\r\n"
    "Reported-Domain: news.example\r\nAuthentication-Results: mx.receiver.example from=news.example; dkim=pass "
    "(ok)\r\n";

TEST_F(ComplaintTest, OfYahooNamesReaderAndMail) {
  const auto item = read(report(kYahoo, kYahooFields, mail()));
  expect_joined(item, FoundBy::message_id);
  EXPECT_EQ(item.report.recipients[0].address, kReader);
}

TEST_F(ComplaintTest, OfYahooByItsReturnPath) {
  const std::string fields =
      fmt::format("Version: 1\r\nOriginal-Mail-From: <bounces+{}@news.example>\r\n", token(Purpose::return_path));
  expect_joined(read(report(kYahoo, fields, "Subject: x\r\nFrom: Todoku <news@news.example>\r\n\r\n")),
                FoundBy::header);
}

constexpr std::string_view kHotmail =
    "X-HmXmrOriginalRecipient: <aoi@hotmail.example>\r\nReturn-Path: staff@hotmail.com\r\nFrom: staff@hotmail.com\r\n"
    "To: fbl@bounces.news.example\r\nSubject: complaint about message from 192.0.2.10\r\nMIME-Version: 1.0\r\n";

TEST_F(ComplaintTest, OfMicrosoftAsItWasIsAPlainMail) {
  const std::string content = std::string(kHotmail) +
                              "Content-Type: multipart/mixed; boundary=\"cut\"\r\n\r\n--cut\r\n"
                              "Content-Type: message/rfc822\r\nContent-Disposition: inline\r\n\r\n"
                              "X-HmXmrOriginalRecipient: <aoi@hotmail.example>\r\n" +
                              mail("undisclosed-recipients:;") + "\r\n--cut--\r\n";
  const auto item = read(content);
  expect_joined(item, FoundBy::message_id);
  EXPECT_EQ(item.report.recipients[0].address, "aoi@hotmail.example");
}

constexpr std::string_view kOutlook =
    "From: Junk Mail Reporting <staff@hotmail.com>\r\nTo: fbl@bounces.news.example\r\n"
    "Subject: complaint about message from 192.0.2.10\r\n";
constexpr std::string_view kOutlookFields =
    "User-Agent: JMRP/2.0\r\nVersion: 1\r\nSource-IP: 192.0.2.10\r\nOriginal-Rcpt-To: <redacted@outlook.example>\r\n"
    "Arrival-Date: Mon, 2 Nov 2026 00:00:02 +0000\r\n";

TEST_F(ComplaintTest, OfMicrosoftThatHidesTheReaderIsJoinedByOurMarks) {
  expect_joined(read(report(kOutlook, kOutlookFields, mail("redacted@outlook.example"))), FoundBy::message_id);
  const std::string without_id = "From: Todoku <news@news.example>\r\nTo: redacted@outlook.example\r\n";
  expect_joined(read(report(kOutlook, kOutlookFields, without_id + unsubscribe() + "\r\n", "text/rfc822-headers")),
                FoundBy::header);
  const std::string traced = "X-Todoku-Trace: " + token(Purpose::message_id) + "\r\n";
  expect_joined(read(report(kOutlook, kOutlookFields, without_id + traced + "\r\n", "text/rfc822-headers")),
                FoundBy::header);
}

TEST_F(ComplaintTest, WithFeedbackIdAloneTellsTheCampaign) {
  const std::string hidden = "From: Todoku <news@news.example>\r\nTo: redacted@outlook.example\r\n" + feedback_id();
  for (const std::string_view type : {"message/rfc822", "text/rfc822-headers"}) {
    const auto item = read(report(kOutlook, kOutlookFields, hidden + "\r\n", type));
    EXPECT_EQ(item.report.kind, Kind::complaint);
    EXPECT_EQ(item.state, State::foreign) << "until the store has looked its campaign up";
    ASSERT_TRUE(item.feedback_id);
    EXPECT_EQ(item.feedback_id->campaign, kMail.campaign);
  }
}

TEST_F(ComplaintTest, OfAReaderWhoTookItBackIsNone) {
  std::string content = report(kYahoo, kYahooFields, mail());
  content.replace(content.find("Feedback-Type: abuse"), 20, "Feedback-Type: not-spam");
  EXPECT_NE(read(content).report.kind, Kind::complaint);
}

TEST_F(ComplaintTest, AboutAMailThatIsNotOursIsEvidenceOfSpoofing) {
  const std::string forged =
      "Received: from evil.example (203.0.113.7) by mx.receiver.example; Mon, 2 Nov 2026 00:00:02 +0000\r\n"
      "From: Todoku <news@news.example>\r\nTo: aoi@reader.example\r\nMessage-ID: <x@evil.example>\r\n\r\nBuy.\r\n";
  const auto item = read(report(kYahoo, "Version: 1\r\nSource-IP: 203.0.113.7\r\n", forged));
  EXPECT_EQ(item.report.kind, Kind::complaint);
  EXPECT_EQ(item.state, State::foreign);
  ASSERT_TRUE(item.sighting);
  EXPECT_EQ(item.sighting->address, "203.0.113.7");
}

}  // namespace
}  // namespace todoku::intake
