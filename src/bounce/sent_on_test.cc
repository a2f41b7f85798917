#include "bounce/sent_on.h"

#include <gtest/gtest.h>

#include "bounce/analyser.h"

namespace todoku::bounce {
namespace {

TEST(SentOn, AHeadIsKnownByItsSenderAndItsSubjectInAnyLanguage) {
  const std::string_view text =
      "Was ist das?\n\nVon: postmaster@mx.example\nGesendet: Montag\nAn: us@here.example\nBetreff: "
      "Unzustellbar\n\nText";
  const auto head = sent_on_head(text);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->from, "postmaster@mx.example");
  EXPECT_EQ(head->to, "us@here.example");
  EXPECT_EQ(head->subject, "Unzustellbar");
  EXPECT_EQ(text.substr(head->end), "Text");
  EXPECT_TRUE(sent_on_head("*De :* a@b.example\n*Objet :* Non remis\n\nx"));
  EXPECT_TRUE(sent_on_head("差出人：postmaster@mx.example\n件名：配信不能\n\nx"));
  EXPECT_FALSE(sent_on_head("From: a@b.example\n\nSubject: another thing"));
  EXPECT_FALSE(sent_on_head("De : nous écrivons\nà tous"));
}

TEST(SentOn, TheNoticeInsideIsRead) {
  static const std::unique_ptr<Rules> kRules = *Rules::load();
  const auto read = [](std::string_view subject, std::string_view words) {
    return Analyser(*kRules).analyse(
        "Return-Path: <b@here.example>\nFrom: B <b@here.example>\nTo: it@here.example\nSubject: " +
        std::string(subject) + "\nContent-Type: text/plain; charset=utf-8\n\n" + std::string(words));
  };
  const Report report = read("TR: Non remis : Invitation",
                             "Que faire ?\n\nDe : postmaster@there.example\nEnvoyé : mardi\nÀ : us@here.example\n"
                             "Objet : Non remis : Invitation\n\nÉchec de la remise pour ces destinataires :\n\n"
                             "a@there.example\nLa boîte aux lettres du destinataire est pleine.\n");
  EXPECT_EQ(report.kind, Kind::bounce);
  ASSERT_EQ(report.recipients.size(), 1u);
  EXPECT_EQ(report.recipients[0].address, "a@there.example");
  EXPECT_EQ(report.recipients[0].reason, Reason::mailbox_full);
  EXPECT_EQ(
      read("TR: Non remis : colis", "De : Anne <anne@there.example>\nObjet : colis\n\nPas remis, a@there.example.")
          .kind,
      Kind::other);
}

}  // namespace
}  // namespace todoku::bounce
