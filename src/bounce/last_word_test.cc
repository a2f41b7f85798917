// What a notice tells around a server's reply, and what it changes: the stage of the session, the words of a
// transcript, that it is the last word after all retries.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "bounce/analyser.h"

namespace todoku::bounce {
namespace {

const Rules& rules() {
  static const std::unique_ptr<Rules> kRules = *Rules::load();
  return *kRules;
}

Report analyse(std::string_view mail) { return Analyser(rules()).analyse(mail); }

constexpr std::string_view kDaemon =
    "Return-Path: <>\nFrom: MAILER-DAEMON@mx.here.example\nSubject: Returned mail\nTo: us@here.example\n";

/// A DSN of one recipient: words, status, diagnostic.
Diagnosis dsn(std::string_view words, std::string_view status, std::string_view diagnostic,
              std::string_view action = "failed") {
  const Report report = analyse(
      fmt::format("{}Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\n{}\n\n--b\n"
                  "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.here.example\n\n"
                  "Final-Recipient: rfc822; ren@there.example\nAction: {}\nStatus: {}\nDiagnostic-Code: {}\n--b--\n",
                  kDaemon, words, action, status, diagnostic));
  EXPECT_EQ(report.recipients.size(), 1u);
  return report.recipients.empty() ? Diagnosis{} : report.recipients.front();
}

TEST(LastWord, TheStageStandsInTheWordsBesideTheReport) {
  const Diagnosis postfix = dsn(
      "<ren@there.example>: host mx.there.example[192.0.2.9] said: 550 Unknown user\n    ren@there.example (in reply "
      "to\n    end of DATA command)",
      "5.0.0", "smtp; 550 Unknown user ren@there.example");
  EXPECT_EQ(postfix.stage, smtp::Stage::eod);
  EXPECT_EQ(postfix.reason, Reason::recipient_refused);
  EXPECT_EQ(postfix.other_reason, Reason::user_unknown);
  const Diagnosis courier =
      dsn("<ren@there.example>:\n   mx.there.example [192.0.2.9]:\n>>> DATA\n<<< 550 Unknown user "
          "ren@there.example",
          "5.0.0", "smtp; 550 Unknown user ren@there.example");
  EXPECT_EQ(courier.stage, smtp::Stage::data);
  const Diagnosis sendmail =
      dsn(">>> RCPT To:<ren@there.example>\n<<< 550 User unknown", "5.0.0", "smtp; 550 User unknown");
  EXPECT_EQ(sendmail.stage, smtp::Stage::rcpt);
  EXPECT_EQ(sendmail.effect, Effect::hard);
}

TEST(LastWord, AStatus511AfterDataMeansWhatItSays) {
  const Diagnosis said =
      dsn("<ren@there.example>: 550 5.1.1 Unknown user ren@there.example (in reply to end of DATA command)", "5.1.1",
          "smtp; 550 5.1.1 Unknown user ren@there.example");
  EXPECT_EQ(said.reason, Reason::user_unknown);
}

TEST(LastWord, SilenceToTheEndIsExpiry) {
  constexpr std::string_view kSilent = "connect to mx.there.example[192.0.2.9]:25: Connection timed out";
  EXPECT_EQ(dsn(kSilent, "4.4.1", fmt::format("x-postfix; {}", kSilent)).reason, Reason::expired);
  EXPECT_EQ(dsn(kSilent, "4.4.1", fmt::format("x-postfix; {}", kSilent), "delayed").reason, Reason::network_error);
}

TEST(LastWord, AnExitStatusIsAProgrammesFailure) {
  EXPECT_EQ(dsn("The program gave up.", "5.0.0", "X-Unix; 1").reason, Reason::mailer_error);
}

TEST(LastWord, AReportersFrameIsNoVerdict) {
  const Diagnosis said = dsn(
      "  ren@there.example\n    host mx.there.example [192.0.2.9]\n    SMTP error from remote mail server after EHLO "
      "mx.here.example:\n    550 Rejected",
      "5.0.0", "smtp; 550 Rejected");
  EXPECT_EQ(said.reason, Reason::blocked);
}

TEST(LastWord, WordsBeforeAnyCommandAreOfWhoConnects) {
  const Diagnosis said =
      dsn("   ----- The following addresses had permanent fatal errors -----\n<ren@there.example>\n    (reason: 554 "
          "denied)\n\n"
          "   ----- Transcript of session follows -----\n... while talking to mx.there.example.:\n<<< 554 denied\n",
          "5.0.0", "smtp; 554 denied");
  EXPECT_EQ(said.reason, Reason::blocked);
  EXPECT_EQ(said.stage, smtp::Stage::connect);
}

// What Sendmail itself adds to a transcript says nothing, however little the server said.
TEST(LastWord, SendmailsOwnLastLineIsNoVerdict) {
  const Report report =
      analyse(fmt::format("{}\n   ----- The following addresses had permanent fatal errors -----\n<ren@there.example>\n"
                          "    (reason: 550 mind your links, refused)\n\n"
                          "   ----- Transcript of session follows -----\n... while talking to mx.there.example.:\n"
                          ">>> DATA\n<<< 550 mind your links, refused\n554 5.0.0 Service unavailable\n",
                          kDaemon));
  ASSERT_EQ(report.recipients.size(), 1u);
  EXPECT_EQ(report.recipients[0].reason, Reason::content_rejected);
}

TEST(LastWord, EachAddressOfATranscriptHasTheWordsAboveIt) {
  const Report report = analyse(
      fmt::format("{}\n   ----- Transcript of session follows -----\nWhile talking to mx.there.example:\n"
                  ">>> MAIL From:<us@here.example>\n<<< 550 your server is listed in a DNSBL\n"
                  "554 <ren@there.example>... Remote protocol error\n550 gone.example (smtp)... 550 Host unknown\n"
                  "554 <mio@gone.example>... 550 Host unknown (Authoritative answer from name server)\n"
                  "mail.local: unknown user: sho\n554 <sho@here.example>... Service unavailable\n\n"
                  "   ----- Unsent message follows -----\n\nNews\n",
                  kDaemon));
  ASSERT_EQ(report.recipients.size(), 3u);
  EXPECT_EQ(report.recipients[0].reason, Reason::blocked);
  EXPECT_EQ(report.recipients[1].reason, Reason::host_unknown);
  EXPECT_EQ(report.recipients[2].reason, Reason::user_unknown);
}

}  // namespace
}  // namespace todoku::bounce
