// Mails whose words tell of a failed delivery, though no mail system wrote them; and what mail systems write of mail.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "bounce/analyser.h"

namespace todoku::bounce {
namespace {

Kind kind_of(std::string_view from, std::string_view subject, std::string_view words,
             std::string_view more = "Auto-Submitted: auto-generated\n") {
  static const std::unique_ptr<Rules> kRules = *Rules::load();
  const std::string_view path = from.substr(from.find('<') == std::string_view::npos ? 0 : from.find('<') + 1);
  return Analyser(*kRules)
      .analyse(fmt::format("Return-Path: <{}>\nFrom: {}\nTo: hana@there.example\nSubject: {}\n{}\n{}\n",
                           path.substr(0, path.find('>')), from, subject, more, words))
      .kind;
}

TEST(Kind, AParcelThatWasNotDeliveredIsNoBounce) {
  EXPECT_EQ(kind_of("no-reply@parcel.example", "Delivery failed",
                    "We were unable to deliver your parcel. We will keep "
                    "trying. Ask help@parcel.example."),
            Kind::other);
  EXPECT_EQ(kind_of("noreply@paket.example", "Zustellung fehlgeschlagen", "Ihr Paket konnte nicht zugestellt werden."),
            Kind::other);
  EXPECT_EQ(kind_of("noreply@parcel.example", "お届けできませんでした", "お荷物をお届けできませんでした。"),
            Kind::other);
  EXPECT_EQ(kind_of("noreply@post.example", "Посылка не доставлена", "Не удалось доставить вашу посылку."),
            Kind::other);
}

TEST(Kind, AServicesNewsAndAWarningOfVirusesAreNoBounces) {
  EXPECT_EQ(kind_of("Postmark <support@postmarkapp.com>", "Message not sent: recipient is inactive",
                    "Your message to bo@there.example was not sent.\nYou tried to send to a recipient that has been "
                    "marked as inactive.",
                    ""),
            Kind::bounce);
  EXPECT_EQ(kind_of("SendGrid <news@sendgrid.com>", "Why mail could not be delivered",
                    "In this webinar we show why mail could not be delivered. Write to events@sendgrid.com.", ""),
            Kind::other);
  EXPECT_EQ(kind_of("alert@scanner.example", "Virus found in your mail",
                    "The message sender was\n  hana@there.example\n\nThe message recipient was\n  a@other.example\n\n"
                    "A virus was found: Eicar-Test-Signature",
                    ""),
            Kind::bounce);
  EXPECT_EQ(kind_of("news@security.example", "Virus alert",
                    "A new virus spreads. You get this as hana@there.example; write to help@security.example.", ""),
            Kind::other);
}

TEST(Kind, ADomainsNameIsNoMailSystems) {
  EXPECT_EQ(kind_of("Castles <info@bounce-house.example>", "Delivery problem", "It could not be delivered.", ""),
            Kind::other);
  EXPECT_EQ(kind_of("News <team@mailserver.example>", "Undeliverable mail", "It was rejected by many.", ""),
            Kind::other);
}

TEST(Kind, AMailSystemsDisplayNameWithAReturnPathIsAnybodys) {
  EXPECT_EQ(kind_of("Mail Delivery System <admin@evil.example>", "Undelivered mail",
                    "Five messages to hana@there.example could not be delivered. Click here.", ""),
            Kind::other);
}

TEST(Kind, WhoAsksTheSenderToProveToBeOneHasNotRefused) {
  EXPECT_EQ(kind_of("Bob <bob@person.example>", "Re: News (verification)",
                    "I'm protecting myself from receiving junk mail. Just this once, click the link below so I can "
                    "receive your emails. http://challenge.example/1"),
            Kind::auto_reply);
  EXPECT_EQ(kind_of("AntiSpam <mailer@antispam.example>", "Confirmação necessária",
                    "Sua mensagem precisa de uma confirmação para ser entregue. http://challenge.example/1"),
            Kind::auto_reply);
}

TEST(Kind, AChallengeIsAChallengeInAnyLanguage) {
  EXPECT_EQ(kind_of("AntiSpam <antispam@provider.example>", "Confirme o envio da sua mensagem",
                    "Para que sua mensagem seja encaminhada, clique aqui e digite os caracteres da figura.", ""),
            Kind::auto_reply);
  EXPECT_EQ(kind_of("Filtre <filtre@provider.example>", "Confirmez l'envoi de votre message",
                    "Confirmez l'envoi de votre message : saisissez les caractères de l'image.", ""),
            Kind::auto_reply);
}

TEST(Kind, AFailureThatSpeaksOfApprovedSendersIsNoChallenge) {
  EXPECT_EQ(
      kind_of("Mail Delivery System <mailer-daemon@mx.example>", "Mail delivery failed",
              "The following address failed:\n\n  ren@there.example\n    550 You are not on the recipient's approved "
              "sender list (spam blocker)",
              ""),
      Kind::bounce);
}

TEST(Kind, AReceiptForATicketIsAnAnswer) {
  const std::string_view marks =
      "Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\nIn-Reply-To: <1@there.example>\n";
  EXPECT_EQ(kind_of("Desk <help@desk.example>", "[Request received] News", "Your request (12) was received.", marks),
            Kind::auto_reply);
  EXPECT_EQ(kind_of("Desk <help@desk.example>", "[Request received] News", "Your request (12) was received.",
                    std::string(marks) + "List-Id: <desk.example>\n"),
            Kind::other);
}

TEST(Kind, AnotherWhoseNameEndsLikeTheAddresseesIsNotTheAddressee) {
  const auto kind = [](std::string_view failed) {
    return kind_of("postmaster@here.example", "Undeliverable mail",
                   fmt::format("Your mail could not be delivered to <{}>: no such user here", failed), "");
  };
  EXPECT_EQ(kind("na@there.example"), Kind::bounce);
  EXPECT_EQ(kind("hana@there.example"), Kind::other);  // has got this very letter
}

TEST(Kind, AnAnsweringMachineMayMarkItselfAsJunkAlone) {
  EXPECT_EQ(kind_of("ken@firm.example", "【不在】Re: News", "このメールは自動返信です。", "Precedence: junk\n"),
            Kind::auto_reply);
  EXPECT_EQ(kind_of("ken@firm.example", "Abwesend", "Ich bin im Urlaub.", "Precedence: junk\n"), Kind::auto_reply);
  EXPECT_EQ(kind_of("ken@firm.example", "Re: News", "I wrote an autoresponder.", ""), Kind::other);
}

TEST(Kind, AnsweringMachinesOfDesksAreNoBounces) {
  EXPECT_EQ(
      kind_of("support@desk.example", "[Ticket 12] Delivery failed",
              "Thank you for writing about \"delivery failed\". We answer soon.", "Auto-Submitted: auto-replied\n"),
      Kind::auto_reply);
}

TEST(Kind, AMailSystemsWordsInAnyPhraseAreABounceWhereTheyCanBeRead) {
  const auto postmaster = [](std::string_view words) {
    static const std::unique_ptr<Rules> kRules = *Rules::load();
    return Analyser(*kRules).analyse(fmt::format(
        "Return-Path: <>\nFrom: postmaster@here.example\nTo: us@here.example\nSubject: News\n\n{}\n", words));
  };
  const Report turned = postmaster("What you wrote to hana@there.example weighs 31 MB. We only take up to 25 MB.");
  EXPECT_EQ(turned.kind, Kind::bounce);
  ASSERT_EQ(turned.recipients.size(), 1u);
  EXPECT_EQ(turned.recipients.front().reason, Reason::message_too_big);
  EXPECT_EQ(postmaster("Welcome to our server. Questions go to help@here.example.").kind, Kind::other);
  EXPECT_EQ(postmaster("Your password expires in 3 days. Ask help@here.example.").kind, Kind::other);
  EXPECT_EQ(postmaster("Two mails are held for you, of win@bad.example and of buy@bad.example.").kind, Kind::other);
}

TEST(Kind, AMailSystemThatCallsItselfAutoRepliedMayBounce) {
  const auto kind = [](std::string_view words) {
    static const std::unique_ptr<Rules> kRules = *Rules::load();
    return Analyser(*kRules)
        .analyse(fmt::format("Return-Path: <>\nFrom: mailer-daemon@here.example\nTo: us@here.example\nSubject: News\n"
                             "Auto-Submitted: auto-replied\n\n{}\n",
                             words))
        .kind;
  };
  EXPECT_EQ(kind("hana@there.example\n  Skipped: on your do-not-mail list after an earlier bounce.\n"), Kind::bounce);
  EXPECT_EQ(kind("I am out of the office until May. Write to ken@here.example.\n"), Kind::auto_reply);
}

TEST(Kind, AWarningOnTheReadersOwnMailboxIsNoBounce) {
  static const std::unique_ptr<Rules> kRules = *Rules::load();
  const Report report = Analyser(*kRules).analyse(
      "Return-Path: <>\nFrom: postmaster@here.example\nTo: us@here.example\nSubject: Your mailbox\n\n"
      "It is 95% full. When it is over quota, mail to you was rejected.\n");
  EXPECT_EQ(report.kind, Kind::other);
}

TEST(Kind, AMailDaemonsWordsInAnyLanguageAreABounce) {
  static const std::unique_ptr<Rules> kRules = *Rules::load();
  const Report report = Analyser(*kRules).analyse(
      "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nTo: us@here.example\nSubject: Tilkynning\n\n"
      "Ekki var hægt að koma þessu til skila:\n\n<a@there.example>\n");
  EXPECT_EQ(report.kind, Kind::bounce);
  ASSERT_EQ(report.recipients.size(), 1u);
  EXPECT_EQ(report.recipients[0].address, "a@there.example");
  EXPECT_NE(report.recipients[0].effect, Effect::hard);
}

TEST(Kind, AMailSystemWithoutANullPathIsStillOne) {
  EXPECT_EQ(kind_of("postmaster@mx.example", "Delivery failed",
                    "<ren@there.example>: could not be delivered: user "
                    "unknown",
                    ""),
            Kind::bounce);
}

}  // namespace
}  // namespace todoku::bounce
