#include "bounce/sender.h"

#include <gtest/gtest.h>

#include <string>

namespace todoku::bounce {
namespace {

template <typename Question>
bool asked(Question question, const std::string& from) {
  const std::string mail = "From: " + from + "\n\n";
  return question(Notice(mail));
}

TEST(Sender, IsAMailSystemByItsMailbox) {
  EXPECT_TRUE(asked(mail_systems_mailbox, "MAILER-DAEMON@mx.example"));
  EXPECT_TRUE(asked(mail_systems_mailbox, "<>"));
  EXPECT_TRUE(asked(mail_systems_mailbox, "SMTP@vm.example"));
  EXPECT_FALSE(asked(mail_systems_mailbox, "Mail Delivery GmbH <info@parcels.example>"));
  EXPECT_FALSE(asked(mail_systems_mailbox, "neko@postmaster.example"));
}

TEST(Sender, MayBearAMailSystemsName) {
  EXPECT_TRUE(asked(mail_systems_name, "Mail Delivery Subsystem <no-reply@a.example>"));
  EXPECT_TRUE(asked(system_sender, "Antivirus <info@a.example>"));
  EXPECT_TRUE(asked(named_after_mail_server, "Mailserver a.example <root@a.example>"));
  EXPECT_FALSE(asked(system_sender, "Neko <neko@a.example>"));
}

TEST(Sender, OfAListOrOfNoAnswers) {
  EXPECT_TRUE(asked(lists_mailbox, "neko-owner@lists.example"));
  EXPECT_TRUE(asked(machine_sender, "neko-owner@lists.example"));
  EXPECT_TRUE(asked(machine_sender, "noreply@a.example"));
  EXPECT_FALSE(asked(lists_mailbox, "noreply@a.example"));
  EXPECT_TRUE(asked(daemon_sender, "Postmaster@a.example"));
}

}  // namespace
}  // namespace todoku::bounce
