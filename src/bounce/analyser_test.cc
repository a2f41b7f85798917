// What must not be taken for a bounce, what must not hurt, and formats that have no test mails of their own.
#include "bounce/analyser.h"

#include <gtest/gtest.h>

#include <chrono>
#include <ctime>
#include <string>

namespace todoku::bounce {
namespace {

const Rules& rules() {
  static const std::unique_ptr<Rules> kRules = *Rules::load();
  return *kRules;
}

Report analyse(std::string_view mail) { return Analyser(rules()).analyse(mail); }

const std::string kDsn =
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nYour mail could not be "
    "delivered.\n"
    "\n<a@there.example>: 550 5.1.1 User unknown\n\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; "
    "mx\n\n"
    "Final-Recipient: rfc822; a@there.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 User "
    "unknown\n\n"
    "--b\nContent-Type: message/rfc822\n\nFrom: us@here.example\nTo: a@there.example\nMessage-ID: <m1@here.example>\n"
    "Return-Path: <r1@here.example>\nSubject: =?utf-8?B?44Gq?=\nDate: Tue, 3 Nov 2026 10:00:00 +0900\n\nbody\n--b--\n";
const std::string kDaemon =
    "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nSubject: Undelivered Mail Returned to Sender\n";

TEST(Analyser, TellsWhoWhyAndOfWhichMail) {
  const Report report = analyse(kDaemon + kDsn);
  EXPECT_EQ(report.kind, Kind::bounce);
  ASSERT_EQ(report.recipients.size(), 1u);
  EXPECT_EQ(report.recipients[0].address, "a@there.example");
  EXPECT_EQ(report.recipients[0].reason, Reason::user_unknown);
  EXPECT_EQ(report.recipients[0].effect, Effect::hard);
  EXPECT_EQ(report.recipients[0].reply_code, 550);
  ASSERT_FALSE(report.recipients[0].evidence.empty());
  EXPECT_NE(report.recipients[0].evidence[0].quote.find("User unknown"), std::string::npos);
  EXPECT_EQ(report.original.message_id, "m1@here.example");
  EXPECT_EQ(report.original.return_path, "r1@here.example");
  EXPECT_EQ(report.original.subject, "な");
}

TEST(Analyser, TellsWhomTheMailHadBeenSentToWhereItWasForwarded) {
  std::string forwarded = kDaemon + kDsn;
  forwarded.insert(forwarded.find("Final-Recipient:"), "Original-Recipient: rfc822; office@here.example\n");
  const Report dsn = analyse(forwarded);
  ASSERT_EQ(dsn.recipients.size(), 1u);
  EXPECT_EQ(dsn.recipients[0].address, "a@there.example");
  EXPECT_EQ(dsn.recipients[0].original_recipient, "office@here.example");
  EXPECT_EQ(analyse(kDaemon + kDsn).recipients.at(0).original_recipient, "");
  const Report words = analyse(kDaemon +
                               "\nYour message could not be delivered to one or more recipients.\n\n"
                               "<a@there.example> (expanded from <office@here.example>): unknown user\n");
  ASSERT_EQ(words.recipients.size(), 1u);
  EXPECT_EQ(words.recipients[0].address, "a@there.example");
  EXPECT_EQ(words.recipients[0].original_recipient, "office@here.example");
}

TEST(Analyser, ABounceQuotedInAnAnswerIsNone) {
  const Report report = analyse(
      "From: Hana <hana@there.example>\nTo: us@here.example\nSubject: Re: Undelivered Mail Returned to Sender\n"
      "In-Reply-To: <x@here.example>\nReferences: <x@here.example>\n\nHello, I got this from you:\n\n"
      "> This is the mail system at host mx.example.\n> I'm sorry to have to inform you that your message could not\n"
      "> be delivered to one or more recipients.\n> <a@there.example>: 550 5.1.1 User unknown\n\nPlease look into "
      "it.\n");
  EXPECT_EQ(report.kind, Kind::other);
  EXPECT_TRUE(report.recipients.empty());
}

TEST(Analyser, ADsnAttachedToAPersonsMailIsNone) {
  const std::string attached =
      "From: Hana <hana@there.example>\nTo: us@here.example\nSubject: Question\nContent-Type: multipart/mixed; "
      "boundary=out\n\n"
      "--out\n\nWhat does the attached mail mean?\n\n--out\nContent-Type: message/rfc822\n\n" +
      kDaemon + kDsn + "\n--out--\n";
  EXPECT_EQ(analyse(attached).kind, Kind::other);
  const std::string parts =
      "From: Hana <hana@there.example>\nTo: us@here.example\nSubject: Question\nContent-Type: multipart/mixed; "
      "boundary=out\n\n"
      "--out\n\nWhat does the attached report mean?\n\n--out\nContent-Type: message/delivery-status\n\n"
      "Final-Recipient: rfc822; a@there.example\nAction: failed\nStatus: 5.1.1\n\n--out--\n";
  EXPECT_EQ(analyse(parts).kind, Kind::other);
}

TEST(Analyser, ADsnInsideADsnSpeaksOnlyOnce) {
  const std::string inner =
      "From: mx2\nContent-Type: multipart/report; report-type=delivery-status; boundary=in\n\n--in\nContent-Type: "
      "message/delivery-status\n\nFinal-Recipient: rfc822; victim@elsewhere.example\nAction: failed\nStatus: "
      "5.1.1\n\n--in--\n";
  const std::string outer = kDaemon +
                            "Content-Type: multipart/report; report-type=delivery-status; "
                            "boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n"
                            "Final-Recipient: rfc822; a@there.example\nAction: failed\nStatus: 5.2.2\nDiagnostic-Code: "
                            "smtp; 552 mailbox full\n\n"
                            "--b\nContent-Type: message/rfc822\n\n" +
                            inner + "\n--b--\n";
  const Report report = analyse(outer);
  ASSERT_EQ(report.recipients.size(), 1u);
  EXPECT_EQ(report.recipients[0].address, "a@there.example");
  EXPECT_EQ(report.recipients[0].reason, Reason::mailbox_full);
}

TEST(Analyser, AForgedAutoSubmittedMakesNoBounce) {
  const Report report = analyse(
      "From: Shop <shop@there.example>\nAuto-Submitted: auto-generated\nSubject: Your parcel\n\nYour parcel could not "
      "be "
      "delivered to hana@there.example. Please choose another day.\n");
  EXPECT_EQ(report.kind, Kind::other);
}

TEST(Analyser, AListsTalkOnBouncesIsNone) {
  const Report report = analyse(
      "From: Kei <kei@there.example>\nTo: list@lists.example\nList-Id: <list.lists.example>\nPrecedence: list\n"
      "Subject: delivery failed: 550 user unknown\n\nI keep getting this:\n\n<a@there.example>: 550 5.1.1 User "
      "unknown\n\n"
      "The message could not be delivered. Any idea?\n");
  EXPECT_EQ(report.kind, Kind::other);
}

// RFC 6591: no reader complained, and no mail's fate is told; but who has to act is known.
TEST(Analyser, AReportOnAuthenticationIsNoComplaint) {
  const Report report = analyse(
      "From: dmarc@isp.example\nSubject: Report\nContent-Type: multipart/report; report-type=feedback-report; "
      "boundary=b\n\n--b\n\nAn authentication failure report.\n--b\nContent-Type: message/feedback-report\n\n"
      "Feedback-Type: auth-failure\nVersion: 1\nOriginal-Rcpt-To: <a@isp.example>\nAuth-Failure: dmarc\n\n--b--\n");
  EXPECT_EQ(report.kind, Kind::other);
  ASSERT_EQ(report.recipients.size(), 1u);
  EXPECT_EQ(report.recipients[0].address, "a@isp.example");
  EXPECT_EQ(report.recipients[0].reason, Reason::authentication_failed);
  EXPECT_EQ(report.recipients[0].effect, Effect::sender);
}

TEST(Analyser, TellsAnswersComplaintsDelaysAndSuccessApart) {
  EXPECT_EQ(
      analyse("From: a@b.example\nAuto-Submitted: auto-replied\nSubject: Out of office\n\nBack on Monday.\n").kind,
      Kind::auto_reply);
  const Report complaint = analyse(
      "From: fbl@isp.example\nSubject: FW: News\nContent-Type: multipart/report; report-type=feedback-report; "
      "boundary=b\n\n--b\n\n"
      "This is an abuse report.\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\n"
      "Original-Rcpt-To: <a@isp.example>\n\n--b\nContent-Type: message/rfc822\n\nTo: undisclosed\n\nx\n--b--\n");
  EXPECT_EQ(complaint.kind, Kind::complaint);
  ASSERT_EQ(complaint.recipients.size(), 1u);
  EXPECT_EQ(complaint.recipients[0].address, "a@isp.example");
  EXPECT_EQ(complaint.recipients[0].effect, Effect::unsubscribe);
  const auto dsn = [](std::string_view action, std::string_view status) {
    return kDaemon +
           "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: "
           "message/delivery-status\n\nFinal-Recipient: rfc822; a@b.example\nAction: " +
           std::string(action) + "\nStatus: " + std::string(status) + "\n\n--b--\n";
  };
  EXPECT_EQ(analyse(dsn("delayed", "4.4.1")).kind, Kind::delay);
  EXPECT_EQ(analyse(dsn("delivered", "2.0.0")).kind, Kind::delivered);
  EXPECT_EQ(analyse(dsn("relayed", "2.0.0")).recipients[0].reason, Reason::delivered);
}

TEST(Analyser, ReadsLocalisedNoticesWithoutAReport) {
  const Report japanese = analyse(
      kDaemon +
      "Content-Type: text/plain; charset=utf-8\n\n次の宛先にメールを配信できませんでした。\n\n<taro@there.example>: "
      "550 5.1.1 User unknown\n");
  ASSERT_EQ(japanese.recipients.size(), 1u);
  EXPECT_EQ(japanese.recipients[0].address, "taro@there.example");
  const Report german =
      analyse(kDaemon +
              "Content-Type: text/html; charset=utf-8\n\n<html><body><p>Ihre Nachricht konnte nicht zugestellt "
              "werden:</p><table><tr>"
              "<td>&lt;frau@dort.example&gt;</td><td>552 5.2.2 Mailbox full</td></tr></table></body></html>\n");
  ASSERT_EQ(german.recipients.size(), 1u);
  EXPECT_EQ(german.recipients[0].address, "frau@dort.example");
  EXPECT_EQ(german.recipients[0].reason, Reason::mailbox_full);
}

TEST(Analyser, ManyRecipientsStopAtTheLimit) {
  std::string mail = kDaemon +
                     "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: "
                     "message/delivery-status\n\n";
  for (int i = 0; i < 5000; ++i) {
    mail += "Final-Recipient: rfc822; a" + std::to_string(i) + "@b.example\nAction: failed\nStatus: 5.1.1\n\n";
  }
  const Report report = analyse(mail + "--b--\n");
  EXPECT_EQ(report.recipients.size(), 1000u);
}

TEST(Analyser, BrokenAndEmptyMailIsHarmless) {
  EXPECT_EQ(analyse("").kind, Kind::other);
  EXPECT_EQ(analyse("\n\n\n").kind, Kind::other);
  EXPECT_EQ(analyse(std::string(100000, '\0')).kind, Kind::other);
  EXPECT_EQ(analyse(std::string(100000, '@')).kind, Kind::other);
  std::string deep = kDaemon;
  for (int i = 0; i < 20000; ++i) deep += "Content-Type: message/rfc822\n\n";
  EXPECT_TRUE(analyse(deep).limited);
}

/// The time that a mail takes grows with its size, not with its square: ten times the mail in at most forty times.
TEST(Analyser, TimeIsLinearInTheMail) {
  // Of this thread's CPU: what else the machine does is no matter.
  const auto used = [] {
    std::timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  };
  const auto taken = [&](const std::string& mail) {
    const auto begin = used();
    (void)analyse(mail);
    return used() - begin;
  };
  const auto hostile = [](std::size_t count, std::string_view piece) {
    std::string mail = kDaemon + "X-Failed-Recipients: a@b.example\n\nYour mail could not be delivered to\n";
    for (std::size_t i = 0; i < count; ++i) mail += piece;
    return mail;
  };
  for (const std::string_view piece :
       {"<a@b.example>:\n", "a@b.example ", "could not be delivered ", "550-", "=?utf-8?q?x ", "--\n", "> "}) {
    (void)taken(hostile(1000, piece));
    const auto small = taken(hostile(2000, piece));
    const auto big = taken(hostile(20000, piece));
    EXPECT_LT(big, 40 * small + std::chrono::milliseconds(200)) << piece;
  }
}

}  // namespace
}  // namespace todoku::bounce
