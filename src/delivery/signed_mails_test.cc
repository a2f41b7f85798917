#include "delivery/signed_mails.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "authentication/dkim_record.h"
#include "authentication/dkim_verifier.h"

namespace todoku::delivery {
namespace {

using namespace authentication;
using testing::HasSubstr;
using testing::StartsWith;

const DkimKey& key() {
  static const DkimKey made = DkimKey::generate(DkimAlgorithm::ed25519_sha256);
  return made;
}

/// Mails from news@DOMAIN; contact 9 may not be mailed.
class OneText final : public queue::MailSource {
 public:
  explicit OneText(std::string from) : from_(std::move(from)) {}
  std::unique_ptr<queue::BatchMails> open(base::CampaignId, std::span<const base::ContactId>) override {
    return std::make_unique<Mails>(from_);
  }

 private:
  class Mails final : public queue::BatchMails {
   public:
    explicit Mails(std::string from) : from_(std::move(from)) {}
    bool mail(base::ContactId contact, queue::Mail& into, std::string& why) override {
      why = "unsubscribed";
      into.content =
          "Date: x\r\nFrom: " + from_ + "\r\nSubject: n\r\n\r\nhello " + std::to_string(contact.value) + "\r\n";
      into.date = base::from_stored(1'719'792'000'000);
      return contact.value != 9;
    }
    std::string_view domain(base::ContactId) override { return "site.test"; }

   private:
    std::string from_;
  };
  std::string from_;
};

/// The mail to contact 1 from this address, where example.jp and news.example.jp have keys.
std::string mail_from(const std::string& from, std::int64_t contact = 1) {
  OneText inner(from);
  SignedMails mails(inner, {{"example.jp", {{"s1", key()}}}, {"news.example.jp", {{"s2", key()}}}});
  queue::Mail mail;
  std::string why;
  const auto batch = mails.open({1}, {});
  EXPECT_EQ(batch->domain({1}), "site.test");
  if (!batch->mail({contact}, mail, why)) return why;
  if (batch->unfinished(mail)) batch->finish(mail);
  return mail.content;
}

DkimVerdict verdict(const std::string& mail) {
  const auto verdicts = verify_dkim(mail, base::from_stored(0), [](const std::string&) {
    return DkimKeyAnswer{DkimKeyAnswer::Status::found,
                         {dkim_record_text(DkimAlgorithm::ed25519_sha256, key().public_text())}};
  });
  return verdicts.size() == 1 ? verdicts[0] : DkimVerdict{};
}

TEST(SignedMails, TheFromDomainSignsOrTheNearestAboveIt) {
  const std::pair<std::string, std::string> cases[] = {{"News <a@example.jp>", "example.jp"},
                                                       {"a@News.Example.JP", "news.example.jp"},
                                                       {"\"x@y\" <a@mail.news.example.jp>", "news.example.jp"},
                                                       {"=?UTF-8?B?5bGK?=\r\n <a@shop.example.jp>", "example.jp"}};
  for (const auto& [from, domain] : cases) {
    const std::string mail = mail_from(from);
    const DkimVerdict found = verdict(mail);
    EXPECT_EQ(found.result, DkimResult::pass) << mail;
    EXPECT_EQ(found.signature.domain, domain) << from;
    EXPECT_THAT(mail, HasSubstr("t=1719792000;"));
  }
}

TEST(SignedMails, OthersGoAsTheyAre) {
  EXPECT_THAT(mail_from("a@example.com"), StartsWith("Date: x\r\n"));
  EXPECT_THAT(mail_from("a@jp"), StartsWith("Date: x\r\n"));
  EXPECT_THAT(mail_from("a@badexample.jp"), StartsWith("Date: x\r\n"));
  EXPECT_EQ(mail_from("a@example.jp", 9), "unsubscribed");
}

TEST(SignedMails, BatchesShareSignersThatOutliveTheSource) {
  OneText inner("a@example.jp");
  std::unique_ptr<queue::BatchMails> first, second;
  {
    SignedMails mails(inner, {{"example.jp", {{"s1", key()}}}});
    first = mails.open({1}, {});
    second = mails.open({2}, {});
  }
  for (const auto& batch : {first.get(), second.get(), first.get()}) {
    queue::Mail mail;
    std::string why;
    ASSERT_TRUE(batch->mail({1}, mail, why));
    batch->finish(mail);
    EXPECT_EQ(verdict(mail.content).result, DkimResult::pass) << mail.content;
  }
}

TEST(SignedMails, FromDomainIsThatOfTheHeader) {
  EXPECT_EQ(from_domain("From: a@b.example\r\n\r\n"), "b.example");
  EXPECT_EQ(from_domain("Subject: x\r\n\r\nFrom: a@b.example\r\n"), "");
  EXPECT_EQ(from_domain("From: nobody\r\n\r\n"), "");
  EXPECT_EQ(from_domain(""), "");
}

}  // namespace
}  // namespace todoku::delivery
