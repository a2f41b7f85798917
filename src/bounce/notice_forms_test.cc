// Notices that tell whom and what they mean in a way of their own: a delay with a server's words in it, a scanner's
// summary of a mail, a transcript, a list's manager.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "bounce/analyser.h"

namespace todoku::bounce {
namespace {

Report notice(std::string_view from, std::string_view subject, std::string_view words,
              std::string_view more = "Return-Path: <>\n") {
  static const std::unique_ptr<Rules> kRules = *Rules::load();
  return Analyser(*kRules).analyse(
      fmt::format("{}From: {}\nTo: us@here.example\nSubject: {}\n\n{}\n", more, from, subject, words));
}

void expect_one(const Report& report, std::string_view address, Reason reason) {
  EXPECT_EQ(report.kind, Kind::bounce);
  ASSERT_EQ(report.recipients.size(), 1u);
  EXPECT_EQ(report.recipients[0].address, address);
  EXPECT_EQ(report.recipients[0].reason, reason) << to_string(report.recipients[0].reason);
}

TEST(NoticeForms, ANameWithoutItsDomainIsAtTheReporters) {
  expect_one(notice("postmaster@there.example", "Message status - undeliverable",
                    "The message that you sent was undeliverable to the following:\n\tneko (user not found)\n"),
             "neko@there.example", Reason::user_unknown);
}

TEST(NoticeForms, AnAddressToUseInsteadHasNotFailedButOneBesideAContactHas) {
  const std::string_view failed = "Your message could not be delivered to: ";
  const Report moved = notice("postmaster@mx.example", "Undelivered",
                              fmt::format("{}a@there.example\nPlease use b@there.example", failed));
  ASSERT_EQ(moved.recipients.size(), 1u);
  EXPECT_EQ(moved.recipients[0].address, "a@there.example");
  const Report both = notice("postmaster@mx.example", "Undelivered",
                             fmt::format("{}team-kontakt@there.example and b@there.example", failed));
  EXPECT_EQ(both.recipients.size(), 2u);
}

TEST(NoticeForms, ADelayThatTellsItsReasonIsStillADelay) {
  const Report report = notice("Mailer-Daemon@mx.example", "Warning: message delayed 24 hours",
                               "It has not yet been delivered to:\n\n  a@there.example\n    Delay reason: host "
                               "mx.there.example: 451 4.2.2 mailbox full\n\nDelivery attempts will continue.");
  EXPECT_EQ(report.kind, Kind::delay);
  ASSERT_EQ(report.recipients.size(), 1u);
  EXPECT_EQ(report.recipients[0].reason, Reason::mailbox_full);
  EXPECT_FALSE(report.recipients[0].permanent);
}

TEST(NoticeForms, DelayAndSuccessInOtherLanguages) {
  const auto kind_of = [](std::string_view words) {
    return notice("MAILER-DAEMON@mx.example", "Mail", fmt::format("{}\n\n<a@there.example>\n", words)).kind;
  };
  EXPECT_EQ(kind_of("お客様のメールはまだ配送されていません。"), Kind::delay);
  EXPECT_EQ(kind_of("Ihre Nachricht konnte bisher nicht zugestellt werden."), Kind::delay);
  EXPECT_EQ(kind_of("次の宛先への配信が完了しました。"), Kind::delivered);
}

TEST(NoticeForms, AScannerSumsUpTheMailAndGoesOnTalking) {
  expect_one(notice("Filter <postmaster@mx.example>", "VIRUS in mail from you",
                    "A virus was found: Eicar\n\nReturn-Path: <us@here.example>\nMessage-ID: <m1@here.example>\n"
                    "The message has been put away.\n\nThe message was not relayed to:\n<a@there.example>:\n",
                    "Return-Path: <>\nAuto-Submitted: auto-replied\n"),
             "a@there.example", Reason::virus_detected);
}

TEST(NoticeForms, APostmastersVirusAlertNeedsNoOtherWords) {
  expect_one(notice("postmaster@mx.example", "Alert",
                    "A virus was found in a mail of yours.\n\nTo: a@there.example\nFile: x.zip\n", ""),
             "a@there.example", Reason::virus_detected);
}

TEST(NoticeForms, InATranscriptAReplyBelongsToTheCommandAboveIt) {
  expect_one(notice("MDaemon@mx.example", "Permanent Delivery Failure",
                    "The following addresses did NOT receive a copy of your message:\n\n> a@there.example\n\n"
                    "--- Session Transcript ---\n 10:00: --> MAIL From:<us@here.example>\n 10:00: <-- 250 OK\n"
                    " 10:00: --> RCPT To:<a@there.example>\n 10:00: <-- 550 no such user here\n"),
             "a@there.example", Reason::user_unknown);
}

TEST(NoticeForms, SentencesInTheReportersLanguage) {
  const auto expect = [](std::string_view words, Reason reason) {
    expect_one(notice("MAILER-DAEMON@mx.example", "Mail", fmt::format("{}\n\n<a@there.example>\n", words)),
               "a@there.example", reason);
  };
  expect("次の宛先は現在使われておりません。", Reason::user_unknown);
  expect("相手の方は、このメールを受け取らない設定にしています。", Reason::recipient_refused);
  expect("三日の間再送を試みましたが応答がないため、配送を断念しました。", Reason::expired);
  expect("当社のポリシーにより受信を拒否しました。", Reason::policy_violation);
  expect("Die Mail wurde abgewiesen, weil es diese Adresse hier nicht gibt.", Reason::user_unknown);
  expect("Le message a été refusé: le destinataire n'a plus de place.", Reason::mailbox_full);
  expect("No se pudo entregar: no se encontró el dominio.", Reason::host_unknown);
  expect("您的郵件無法投遞, 找不到收件者的網域名稱", Reason::host_unknown);
  expect("邮件疑似垃圾邮件, 被对方拒收", Reason::spam_detected);
  expect("Meldingen er for stor.", Reason::message_too_big);
  expect("Le serveur du destinataire ne répond pas.", Reason::network_error);
  expect("È stato rilevato un virus nel messaggio.", Reason::virus_detected);
  expect("投递失败, 发送过于频繁", Reason::rate_limited);
  expect("暗号化通信 (TLS) を確立できませんでした。", Reason::tls_failed);
}

TEST(NoticeForms, AReplyNamesWhomTheWordsDoNot) {
  expect_one(notice("postmaster@mx.example", "Undeliverable: forwarded",
                    "The one for info@alias.example went on to another mailbox of the same owner, whom we have known "
                    "for many years, and from there we were given this answer instead of a receipt for it, sorry:\n\n"
                    "552 5.2.2 <a@there.example>: Mailbox full\n"),
             "a@there.example", Reason::mailbox_full);
}

TEST(NoticeForms, TheSubjectSaysItAll) {
  expect_one(notice("postmaster@mx.example", "Mailbox full: your message to a@there.example was returned", "Sorry."),
             "a@there.example", Reason::mailbox_full);
}

TEST(NoticeForms, ADomainThatHasLapsedIsNoRefusalToRelay) {
  expect_one(notice("postmaster@mx.example", "Delivery failure",
                    "Your mail to a@there.example could not be delivered: the domain there.example has expired and is "
                    "not served here any more."),
             "a@there.example", Reason::host_unknown);
}

TEST(NoticeForms, AGatewayStopsAnAttachment) {
  expect_one(notice("MailMarshal <mailmarshal@mx.example>", "A message was stopped",
                    "MailMarshal has stopped the following message:\n\n  To: a@there.example\n\nbecause an "
                    "attachment of a type that is not allowed was in it.\n",
                    ""),
             "a@there.example", Reason::content_rejected);
}

TEST(NoticeForms, ExchangeShowsNamesThatLeadToMailboxes) {
  expect_one(
      notice("Microsoft Outlook <postmaster@there.example>", "Unzustellbar: Neues",
             "<html><p><b>Fehler bei der Nachrichtenzustellung an folgende Empfänger oder Gruppen:</b></p>"
             "<p><a href=\"mailto:hana@there.example\">Hana Sato</a><br>Das Postfach des Empfängers ist voll und "
             "kann zurzeit keine Nachrichten annehmen.</p></html>",
             "Return-Path: <>\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n"),
      "hana@there.example", Reason::mailbox_full);
}

TEST(NoticeForms, AnIncompleteDeliveryIsADelayInOtherLanguagesToo) {
  const auto kind_of = [](std::string_view words) {
    return notice("Mail Delivery Subsystem <mailer-daemon@googlemail.com>", "Delivery Status Notification (Delay)",
                  words)
        .kind;
  };
  EXPECT_EQ(kind_of("Zustellung unvollständig\n\nBei der Zustellung Ihrer Nachricht an a@there.example ist ein "
                    "vorübergehendes Problem aufgetreten. Gmail wird es noch 46 Stunden lang versuchen."),
            Kind::delay);
  EXPECT_EQ(kind_of("Remise incomplète\n\nUn problème temporaire est survenu lors de la remise de votre message à "
                    "a@there.example. Gmail va réessayer pendant encore 46 heures."),
            Kind::delay);
}

TEST(NoticeForms, TheAccountThatTheSenderWroteFromHasNotFailed) {
  expect_one(notice("LISTSERV <listserv@lists.example>", "Rejected posting to cats@lists.example",
                    "You are not authorized  to send mail to the  CATS list from your news@sender.example account."),
             "cats@lists.example", Reason::sender_refused);
}

TEST(NoticeForms, AListsManagerRefuses) {
  expect_one(notice("SYMPA <sympa@lists.example>", "Not authorized / cats",
                    "You are not allowed to send messages to this list.\nWrite to cats-request@lists.example.",
                    "Return-Path: <sympa-owner@lists.example>\nAuto-Submitted: auto-replied\n"),
             "cats@lists.example", Reason::sender_refused);
  expect_one(notice("owner-cats@lists.example", "BOUNCE: Non-member submission from [us@here.example]",
                    "You are not subscribed to this list: your message was not posted.", ""),
             "cats@lists.example", Reason::sender_refused);
  expect_one(notice("LISTSERV <listserv@lists.example>", "Rejected posting to cats@lists.example",
                    "You are not authorized to send mail to the CATS list from your us@here.example account.", ""),
             "cats@lists.example", Reason::sender_refused);
}

}  // namespace
}  // namespace todoku::bounce
