// Every error text that the product promises to read, in the three wrappers in which people meet it: a Postfix DSN, a
// modern Gmail DSN with its filler status, a classic Gmail mail whose "state N" says nothing.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "bounce/analyser.h"
#include "bounce/explanation.h"

namespace todoku::bounce {
namespace {

struct Promise {
  std::string_view text;
  std::vector<Reason> reasons;  // the first or, where one text has two causes, either
  std::vector<Party> parties;
};

const std::vector<Promise>& promises() {
  using enum Reason;
  static const std::vector<Promise> kPromises = {
      {"User unknown", {user_unknown}, {Party::sender_list}},
      {"Invalid recipient", {user_unknown}, {Party::sender_list}},
      {"Invalid user specified", {user_unknown}, {Party::sender_list}},
      {"Host unknown", {host_unknown}, {Party::sender_list}},
      {"host not found", {host_unknown}, {Party::sender_list}},
      {"DNS Error", {host_unknown}, {Party::sender_list}},
      {"Message size exceeds maximum value", {message_too_big}, {Party::sender_message}},
      {"Message is too large", {message_too_big}, {Party::sender_message}},
      {"The file invoice.zip has been infected with the virus EICAR-Test", {virus_detected}, {Party::sender_message}},
      {"Line Too Long", {line_too_long}, {Party::sender_message}},
      {"Message size exceeds remaining quota", {mailbox_full}, {Party::recipient}},
      {"This account is over quota", {mailbox_full}, {Party::recipient}},
      {"this mailbox is full", {mailbox_full}, {Party::recipient}},
      {"The error that the other server returned was: 550 Unknown user hana@docomo.ne.jp",
       {user_unknown, recipient_refused},
       {Party::sender_list, Party::recipient}},
      {"Message could not be delivered", {network_error, expired}, {Party::recipient_admin}},
  };
  return kPromises;
}

std::string postfix_dsn(std::string_view text) {
  return fmt::format(
      "Return-Path: <>\r\nFrom: MAILER-DAEMON@mail.sender.example (Mail Delivery System)\r\n"
      "Subject: Undelivered Mail Returned to Sender\r\nTo: news@sender.example\r\nAuto-Submitted: auto-replied\r\n"
      "MIME-Version: 1.0\r\nContent-Type: multipart/report; "
      "report-type=delivery-status;\r\n\tboundary=\"4F2.17/mail\"\r\n\r\n"
      "--4F2.17/mail\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
      "This is the mail system at host mail.sender.example.\r\n\r\n"
      "I'm sorry to have to inform you that your message could not\r\nbe delivered to one or more recipients. It's "
      "attached "
      "below.\r\n\r\n<hana@there.example>: host mx.there.example[203.0.113.1] said: 550 {0} (in\r\n    reply to end of "
      "DATA "
      "command)\r\n\r\n--4F2.17/mail\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; "
      "mail.sender.example\r\n\r\n"
      "Final-Recipient: rfc822; hana@there.example\r\nAction: failed\r\nStatus: 5.0.0\r\nRemote-MTA: dns; "
      "mx.there.example\r\n"
      "Diagnostic-Code: smtp; 550 {0}\r\n\r\n--4F2.17/mail\r\nContent-Type: text/rfc822-headers\r\n\r\n"
      "From: news@sender.example\r\nTo: hana@there.example\r\nMessage-ID: <1@sender.example>\r\nSubject: "
      "News\r\n\r\n--4F2.17/mail--\r\n",
      text);
}

std::string modern_gmail_dsn(std::string_view text) {
  return fmt::format(
      "Return-Path: <>\r\nFrom: Mail Delivery Subsystem <mailer-daemon@googlemail.com>\r\nTo: news@sender.example\r\n"
      "Auto-Submitted: auto-replied\r\nSubject: Delivery Status Notification (Failure)\r\nX-Failed-Recipients: "
      "hana@there.example\r\n"
      "Content-Type: multipart/report; boundary=\"0000a1\"; report-type=delivery-status\r\n\r\n"
      "--0000a1\r\nContent-Type: text/plain; charset=\"UTF-8\"\r\n\r\n\r\n** Message not delivered **\r\n\r\n"
      "There was a problem delivering your message to hana@there.example. See the technical details below.\r\n\r\n"
      "The response from the remote server was:\r\n{0}\r\n\r\n--0000a1\r\nContent-Type: message/delivery-status\r\n\r\n"
      "Reporting-MTA: dns; googlemail.com\r\nArrival-Date: Tue, 03 Nov 2026 02:00:00 -0800 "
      "(PST)\r\nX-Original-Message-ID: "
      "<1@sender.example>\r\n\r\nFinal-Recipient: rfc822; hana@there.example\r\nAction: failed\r\nStatus: 5.0.0\r\n"
      "Diagnostic-Code: smtp; {0}\r\nLast-Attempt-Date: Tue, 03 Nov 2026 02:00:01 -0800 (PST)\r\n\r\n"
      "--0000a1\r\nContent-Type: message/rfc822\r\n\r\nFrom: news@sender.example\r\nTo: hana@there.example\r\nSubject: "
      "News\r\n\r\n"
      "--0000a1--\r\n",
      text);
}

std::string classic_gmail(std::string_view text, int state) {
  return fmt::format(
      "Return-Path: <>\r\nFrom: Mail Delivery Subsystem <mailer-daemon@googlemail.com>\r\nTo: news@sender.example\r\n"
      "Subject: Delivery Status Notification (Failure)\r\nX-Failed-Recipients: hana@there.example\r\n"
      "Content-Type: text/plain; charset=ISO-8859-1\r\n\r\nDelivery to the following recipient failed "
      "permanently:\r\n\r\n"
      "     hana@there.example\r\n\r\nTechnical details of permanent failure:\r\n"
      "Google tried to deliver your message, but it was rejected by the recipient domain. We recommend contacting the "
      "other\r\n"
      "email provider for further information about the cause of this error. The error that the other server returned "
      "was:\r\n"
      "550 550 {} (state {}).\r\n\r\n----- Original message -----\r\n\r\nMIME-Version: 1.0\r\nReceived: by 192.0.2.1 "
      "with SMTP id x;\r\n"
      "        Tue, 3 Nov 2026 02:00:00 -0800 (PST)\r\nFrom: news@sender.example\r\nTo: hana@there.example\r\nSubject: "
      "User unknown, host "
      "unknown\r\n\r\nMailbox full of news\r\n",
      text, state);
}

class ErrorGuide : public testing::Test {
 protected:
  static const Rules& rules() {
    static const std::unique_ptr<Rules> kRules = *Rules::load();
    return *kRules;
  }
  /// The wrappers are of there.example; a text that is a carrier's own goes to that carrier.
  static void expect_promise(const Promise& promise, std::string mail, std::string_view wrapper) {
    const std::string host = promise.text.find("docomo") == std::string_view::npos ? "there.example" : "docomo.ne.jp";
    for (std::size_t at = mail.find("there.example"); at != std::string::npos;
         at = mail.find("there.example", at + 1)) {
      mail.replace(at, 13, host);
    }
    SCOPED_TRACE(fmt::format("{}: {}", wrapper, promise.text));
    const Report report = Analyser(rules()).analyse(mail);
    EXPECT_EQ(report.kind, Kind::bounce);
    ASSERT_EQ(report.recipients.size(), 1u);
    const Diagnosis& said = report.recipients.front();
    EXPECT_EQ(said.address, "hana@" + host);
    EXPECT_TRUE(std::ranges::count(promise.reasons, said.reason) > 0) << to_string(said.reason);
    EXPECT_TRUE(std::ranges::count(promise.parties, said.who_acts) > 0) << to_string(said.who_acts);
    for (const Language language : {Language::ja, Language::en}) {
      const Explanation& words = explain(said.reason, language);
      EXPECT_FALSE(words.why.empty() || words.who.empty() || words.what.empty());
    }
  }
};

TEST_F(ErrorGuide, HoldsInsideAPostfixDsn) {
  for (const Promise& promise : promises()) expect_promise(promise, postfix_dsn(promise.text), "postfix");
}

TEST_F(ErrorGuide, HoldsInsideAModernGmailDsnWithAFillerStatus) {
  for (const Promise& promise : promises()) expect_promise(promise, modern_gmail_dsn(promise.text), "gmail");
}

TEST_F(ErrorGuide, HoldsInsideAClassicGmailMailWhateverItsState) {
  for (const Promise& promise : promises()) {
    for (const int state : {1, 9, 13, 14, 17, 18})
      expect_promise(promise, classic_gmail(promise.text, state), "classic");
  }
}

TEST_F(ErrorGuide, UnknownUserAtACarrierNamesBothCauses) {
  std::string mail = postfix_dsn("Unknown user hana@there.example");
  for (std::size_t at = mail.find("there.example"); at != std::string::npos; at = mail.find("there.example", at)) {
    mail.replace(at, 13, "docomo.ne.jp");
  }
  const Report report = Analyser(rules()).analyse(mail);
  ASSERT_EQ(report.recipients.size(), 1u);
  const Diagnosis& said = report.recipients.front();
  EXPECT_EQ(said.address, "hana@docomo.ne.jp");
  ASSERT_TRUE(said.other_reason.has_value());
  EXPECT_TRUE((said.reason == Reason::user_unknown && *said.other_reason == Reason::recipient_refused) ||
              (said.reason == Reason::recipient_refused && *said.other_reason == Reason::user_unknown));
}

}  // namespace
}  // namespace todoku::bounce
