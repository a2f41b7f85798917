#include "intake/intake.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

#include "authentication/test_mail.h"
#include "base/gzip.h"
#include "intake/maildir.h"
#include "intake/records.h"
#include "intake/spoofing/picture.h"
#include "mail/transfer_encoding.h"
#include "store/test_store.h"

namespace todoku::intake {
namespace {

using bounce::Kind;
using bounce::Reason;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using tracking::MailId;
using tracking::Purpose;
using namespace std::chrono_literals;

constexpr base::Time kNow{1'800'000'000'000ms};
constexpr MailId kMail{{3}, {42}};

/// Writes down what follows, inside the transaction.
class Heard final : public Consequences {
 public:
  void record(store::Connection& db, std::span<const Finding> findings) override {
    for (const Finding& finding : findings) {
      db.execute("insert into heard (what, contact) values (?1, ?2)",
                 {bounce::to_string(finding.diagnosis->reason), finding.mail.contact});
    }
    if (fails) throw store::Failure(store::Failure::Kind::lost, "the database is away");
  }
  void refused(store::Connection& db, MailId mail, base::Time) override {
    db.execute("insert into heard (what, contact) values ('refused', ?1)", {mail.contact});
  }
  std::optional<MailId> last_mail_to(store::Connection&, std::string_view address, base::Time) override {
    if (address == "reader@example.jp") return kMail;
    return std::nullopt;
  }
  std::optional<MailId> mail_of(store::Connection&, tracking::FeedbackId id, std::string_view address) override {
    if (id.campaign != kMail.campaign || id.list != base::ListId{7}) return std::nullopt;
    return MailId{id.campaign, address == "reader@example.jp" ? kMail.contact : base::ContactId{}};
  }
  bool fails = false;
};

class IntakeTest : public store::StoreTest {
 protected:
  IntakeTest() {
    run("create table heard (what text not null, contact bigint not null)");
    rules_ = *bounce::Rules::load();
    intake_ =
        std::make_unique<Intake>(store(), current_, *rules_, heard_,
                                 IntakeOptions{.replies = place().folder() / "replies", .keys = records_.lookup()});
  }

  [[nodiscard]] std::string return_path() const {
    return fmt::format("bounces+{}@news.example", tokens_.sign(Purpose::return_path, kMail));
  }
  static std::string dsn(std::string_view returned = "", std::string_view text = "550 5.1.1 no such user") {
    return fmt::format(
        "From: MAILER-DAEMON@mx.example.jp\r\nTo: x@news.example\r\nSubject: Undelivered Mail\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        "--b\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example.jp\r\n\r\nFinal-Recipient: rfc822; reader@example.jp\r\nAction: failed\r\n"
        "Status: 5.0.0\r\nDiagnostic-Code: smtp; {}\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n{}"
        "From: news@news.example\r\n\r\n--b--\r\n",
        text, returned);
  }
  Arrival arrival(std::string content, std::string recipient = "") {
    Arrival arrival;
    arrival.road = Road::smtp;
    arrival.place = "25";
    arrival.recipient = std::move(recipient);
    arrival.content = std::move(content);
    arrival.at = kNow;
    return arrival;
  }
  void take(const Arrival& arrival) { intake_->take(std::span(&arrival, 1)); }
  std::vector<std::string> heard() {
    std::vector<std::string> all;
    const auto db = store().read();
    auto rows = db->query("select what, contact from heard");
    while (rows.next()) all.push_back(fmt::format("{} {}", rows.text(0), rows.integer(1)));
    return all;
  }
  std::vector<Entry> entries() { return find_entries(*store().read(), {}); }

  static tracking::Tokens key() {
    return tracking::Tokens({{1, base::Secret(std::string(tracking::Tokens::kSecretSize, 'k'))}});
  }
  const tracking::Tokens tokens_ = key();
  tracking::CurrentTokens current_{key};
  std::unique_ptr<bounce::Rules> rules_;
  Heard heard_;
  authentication::Records records_;
  std::unique_ptr<Intake> intake_;
};
TODOKU_ON_BOTH_ENGINES(IntakeTest);

TEST_P(IntakeTest, KeepsWhatCouldNotBeReadWholeWithTheCause) {
  Arrival closed = arrival("");
  closed.identity = "1.closed";
  closed.lacking = "the file cannot be read";
  take(closed);
  Arrival large = arrival("From: MAILER-DAEMON@mx.example.jp\r\n\r\nyyy");
  large.lacking = beginning_alone(64 << 20);
  take(large);
  Arrival bounce = arrival(dsn(), return_path());  // its beginning tells enough
  bounce.lacking = large.lacking;
  take(bounce);
  std::vector<std::string> found;
  for (const Entry& entry : entries()) found.push_back(entry.state + ": " + entry.problem);
  EXPECT_THAT(found, testing::UnorderedElementsAre(
                         "dead: the file cannot be read",
                         "dead: it is too large: the first 64 MiB were read, and they report nothing", "joined: "));
}

TEST_P(IntakeTest, JoinsABounceToItsMailOnce) {
  const Arrival one = arrival(dsn(), return_path());
  take(one);
  take(one);
  intake_->take(std::vector{one, one});
  EXPECT_THAT(heard(), ElementsAre("user_unknown 42"));
  const auto all = entries();
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_EQ(all[0].state, "joined");
  EXPECT_EQ(all[0].kind, "bounce");
  EXPECT_EQ(all[0].found_by, "return_path");
  EXPECT_EQ(all[0].contact, kMail.contact);
  EXPECT_EQ(all[0].campaign, kMail.campaign);
  const auto db = store().read();
  EXPECT_EQ(original_of(*db, all[0].id), one.content);
  const auto verdicts = verdicts_of(*db, all[0].id);
  ASSERT_THAT(verdicts, SizeIs(1));
  EXPECT_EQ(verdicts[0].reason, "user_unknown");
  EXPECT_EQ(verdicts[0].address, "reader@example.jp");
  EXPECT_TRUE(verdicts[0].permanent);
}

TEST_P(IntakeTest, ABounceOfAMailThatWeDidNotSendHarmsNobody) {
  take(arrival(dsn("Message-ID: <123@spammer.example>\r\n"), "bounces+aaaaaaaaaaaaaaaaaaaaaaaa@news.example"));
  take(arrival(dsn("Message-ID: <124@spammer.example>\r\n"), "postmaster@news.example"));
  EXPECT_THAT(heard(), IsEmpty());
  for (const Entry& entry : entries()) EXPECT_EQ(entry.state, "foreign");
  EXPECT_TRUE(entries()[1].forged);
  EXPECT_FALSE(entries()[0].forged);
}

TEST_P(IntakeTest, WithoutAnyTraceTheRecipientTells) {
  take(arrival(dsn(), "postmaster@news.example"));
  EXPECT_THAT(heard(), ElementsAre("user_unknown 42"));
  EXPECT_EQ(entries()[0].found_by, "recipient");
}

TEST_P(IntakeTest, KeepsNothingWhereTheConsequencesFail) {
  heard_.fails = true;
  const Arrival one = arrival(dsn(), return_path());
  EXPECT_THROW(take(one), store::Failure);
  EXPECT_THAT(entries(), IsEmpty());
  EXPECT_THAT(heard(), IsEmpty());
  heard_.fails = false;
  take(one);
  EXPECT_THAT(heard(), ElementsAre("user_unknown 42"));
}

TEST_P(IntakeTest, AMailToTheUnsubscribeAddressIsARefusal) {
  Arrival mail = arrival("From: reader@example.jp\r\nSubject: unsubscribe\r\n\r\n\r\n",
                         fmt::format("unsubscribe+{}@news.example", tokens_.sign(Purpose::unsubscribe, kMail)));
  mail.sender = "reader@example.jp";
  take(mail);
  EXPECT_THAT(heard(), ElementsAre("refused 42"));
  EXPECT_EQ(entries()[0].state, "refusal");
  // A bounce that comes there, because somebody wrote to it with a forged sender, is none.
  take(arrival(dsn(), mail.recipient));
  EXPECT_THAT(heard(), ElementsAre("refused 42", "user_unknown 42"));
}

TEST_P(IntakeTest, APersonsReplyReachesTheReplyMailboxUntouched) {
  Arrival mail =
      arrival("From: Reader <reader@example.jp>\r\nSubject: Re: news\r\n\r\nThanks \xff!\r\n", return_path());
  mail.sender = "reader@example.jp";
  take(mail);
  take(mail);
  const auto replies = *new_mails(place().folder() / "replies", 10);
  ASSERT_THAT(replies, SizeIs(1));
  std::ifstream in(replies[0], std::ios::binary);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), mail.content);
  EXPECT_EQ(entries()[0].state, "reply");
  EXPECT_FALSE(original_of(*store().read(), entries()[0].id));
  EXPECT_THAT(heard(), IsEmpty());
}

TEST_P(IntakeTest, AnAutomaticAnswerIsMarkedAndNotCounted) {
  take(
      arrival("From: reader@example.jp\r\nSubject: Out of office\r\nAuto-Submitted: auto-replied\r\n\r\nI am away.\r\n",
              return_path()));
  EXPECT_EQ(entries()[0].state, "aside");
  EXPECT_EQ(entries()[0].contact, kMail.contact);
  EXPECT_THAT(heard(), IsEmpty());
}

TEST_P(IntakeTest, WhatCannotBeReadIsKeptAsDeadWithItsCause) {
  take(arrival("From: MAILER-DAEMON@x.example\r\nSubject: hm\r\n\r\nzzz\r\n", return_path()));
  take(arrival(std::string("\0\1\2\xff", 4), return_path()));
  take(arrival("", return_path()));
  intake_->bury(Road::webhook, "ses", "{broken", "the JSON ends too early", kNow);
  ASSERT_THAT(entries(), SizeIs(4));
  for (const Entry& entry : entries()) {
    EXPECT_EQ(entry.state, "dead");
    EXPECT_FALSE(entry.problem.empty());
    EXPECT_TRUE(original_of(*store().read(), entry.id));
  }
}

TEST_P(IntakeTest, HostileTextsAreStored) {
  const std::string address = std::string("bounces+\xff\0x@news.example", 24);
  take(arrival("Subject: \xff\xfe\r\nX-Failed-Recipients: a\xff@b\r\nFrom: mailer-daemon@\xff\r\n\r\n\xff\r\n",
               address));
  take(arrival(dsn("", "550 5.1.1 \xff\xfe no such user"), return_path()));
  EXPECT_THAT(entries(), SizeIs(2));
}

TEST_P(IntakeTest, ARelaysWordIsJoinedByTheMessageId) {
  RelayWord word;
  word.place = "ses";
  word.identity = "event-1";
  word.kind = Kind::bounce;
  word.diagnosis.address = "reader@example.jp";
  word.diagnosis.reason = Reason::mailbox_full;
  word.diagnosis.permanent = true;
  word.original.message_id = tokens_.sign(Purpose::message_id, kMail) + "@news.example";
  word.content = "{}";
  word.at = kNow;
  intake_->take(std::vector{word, word});
  word.content = "{\"replayed\": true}";
  intake_->take(std::span(&word, 1));
  EXPECT_THAT(heard(), ElementsAre("mailbox_full 42"));
  EXPECT_EQ(entries()[0].road, "webhook");
}

std::string complaint(std::string_view to, std::string_view returned) {
  return fmt::format(
      "From: fbl@isp.example\r\nTo: abuse@news.example\r\nSubject: complaint\r\nContent-Type: multipart/report; "
      "report-type=feedback-report; boundary=b\r\n\r\n--b\r\n\r\nThis is an abuse report.\r\n--b\r\nContent-Type: "
      "message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nVersion: 1\r\n{}\r\n--b\r\nContent-Type: "
      "message/rfc822\r\n\r\n{}From: news@news.example\r\nMessage-ID: <removed@isp.example>\r\n\r\nx\r\n--b--\r\n",
      to, returned);
}

TEST_P(IntakeTest, AFeedbackIdJoinsAComplaintToItsCampaign) {
  constexpr std::string_view kId = "Feedback-ID: c3:l7:newsletter:news.example\r\n";
  take(arrival(complaint("Original-Rcpt-To: reader@example.jp\r\n", kId), "abuse@news.example"));
  take(arrival(complaint("", kId), "abuse@news.example"));  // the receiver does not tell who complained
  take(arrival(complaint("", "Feedback-ID: c3:l8:newsletter:other.example\r\n"), "abuse@news.example"));
  EXPECT_THAT(heard(), ElementsAre("complaint 42"));
  const auto all = entries();
  ASSERT_THAT(all, SizeIs(3));
  EXPECT_EQ(all[0].state, "foreign") << "of another list: somebody else's";
  for (const Entry& entry : {all[1], all[2]}) {
    EXPECT_EQ(entry.state, "joined");
    EXPECT_EQ(entry.found_by, "feedback_id");
    EXPECT_EQ(entry.campaign, kMail.campaign);
  }
  EXPECT_FALSE(all[1].contact);
  EXPECT_EQ(all[2].contact, kMail.contact);
  EXPECT_EQ(late_readers(*store().read(), kMail.campaign), 2);
}

TEST_P(IntakeTest, ARelaysComplaintAboutAStrangeMailFeedsThePicture) {
  run("insert into dkim_key (domain, selector, algorithm, state, public_key, created_at) values ('news.example', 's', "
      "'rsa-sha256', 'active', 'x', 1)");
  RelayWord word;
  word.place = "ses";
  word.identity = "event-1";
  word.kind = Kind::complaint;
  word.diagnosis.address = "stranger@example.jp";
  word.diagnosis.reason = Reason::complaint;
  word.original.message_id = "123@elsewhere.example";
  word.original.from = "News <info@news.example>";
  word.content = "{}";
  word.at = kNow;
  intake_->take(std::vector{word, word});
  word.identity = "event-2";
  word.original.from = "somebody@else.example";
  intake_->take(std::span(&word, 1));
  EXPECT_EQ(entries()[0].state, "foreign");
  EXPECT_THAT(heard(), IsEmpty());
  EXPECT_EQ(spoofing::read_picture(*store().read(), "news.example", 30, {}, kNow).complaints, 1);
}

TEST_P(IntakeTest, ForgetsOriginalsAfterTheirTime) {
  take(arrival(dsn(), return_path()));
  const std::int64_t id = entries()[0].id;
  store().write_now([&](store::Connection& db) { EXPECT_EQ(forget_originals(db, kNow, 10), 0); });
  EXPECT_TRUE(original_of(*store().read(), id));
  store().write_now([&](store::Connection& db) { EXPECT_EQ(forget_originals(db, kNow + 1ms, 10), 1); });
  EXPECT_FALSE(original_of(*store().read(), id));
  EXPECT_THAT(verdicts_of(*store().read(), id), SizeIs(1));
}

TEST_P(IntakeTest, CountsEachReaderOnceByCause) {
  for (const char* text : {"550 5.1.1 no such user", "550 5.1.1 no such user a", "552 5.2.2 mailbox full"}) {
    take(arrival(dsn("", text), return_path()));
  }
  const MailId other{{3}, {43}};
  take(arrival(dsn(), fmt::format("bounces+{}@news.example", tokens_.sign(Purpose::return_path, other))));
  take(arrival(dsn("", "550 5.1.1 no such user at all"), "postmaster@news.example"));
  const auto db = store().read();
  EXPECT_EQ(late_readers(*db, kMail.campaign), 2);
  EXPECT_EQ(late_readers(*db, {99}), 0);
  const auto counts = late_counts(*db, kMail.campaign);
  ASSERT_THAT(counts, SizeIs(2));
  EXPECT_EQ(counts[0].reason, "user_unknown");
  EXPECT_EQ(counts[0].readers, 2);
  EXPECT_EQ(counts[0].example.diagnostic, "550 5.1.1 no such user");
  EXPECT_EQ(counts[1].readers, 1);
}

std::string report_mail(std::string_view content) {
  std::string mail =
      "From: noreply-dmarc@receiver.example\r\nTo: dmarc@news.example\r\nAuto-Submitted: auto-generated\r\nSubject: "
      "Report "
      "Domain: news.example Submitter: receiver.example Report-ID: <7>\r\nMIME-Version: 1.0\r\nContent-Type: "
      "application/gzip; name=\"receiver.example!news.example!1799900000!1799990000.xml.gz\"\r\n"
      "Content-Transfer-Encoding: base64\r\n\r\n";
  mail::append_base64(mail, content);
  return mail;
}

TEST_P(IntakeTest, ADmarcReportGrowsThePictureOnce) {
  const std::string xml =
      "<feedback><report_metadata><org_name>receiver.example</org_name><report_id>7</report_id>"
      "<date_range><begin>1799900000</begin><end>1799986399</end></date_range></report_metadata>"
      "<policy_published><domain>news.example</domain><p>none</p></policy_published><record><row>"
      "<source_ip>203.0.113.7</source_ip><count>5</count></row></record></feedback>";
  take(arrival(report_mail(base::gzip(xml)), "dmarc@news.example"));
  take(arrival("X-Again: yes\r\n" + report_mail(base::gzip(xml)), "dmarc@news.example"));
  take(arrival(report_mail("broken"), "dmarc@news.example"));
  ASSERT_THAT(entries(), SizeIs(3));
  EXPECT_EQ(entries()[0].state, "dead");
  EXPECT_THAT(entries()[0].problem, testing::HasSubstr("neither XML nor gzip nor zip"));
  EXPECT_EQ(entries()[1].state, "report");
  const auto unproven = spoofing::read_picture(*store().read(), "news.example", 30, {}, kNow);
  EXPECT_EQ(unproven.unproven, 5) << "of a receiver that nothing vouches for";
  EXPECT_EQ(unproven.elsewhere.mails, 0);
  EXPECT_EQ(unproven.reports, 0);
  // The receiver's own outranks what was sent in its name before.
  const std::string mail = report_mail(base::gzip(xml));
  records_.publish("s", "receiver.example", authentication::ed25519_test_key());
  authentication::DkimSigner signer({.domain = "receiver.example",
                                     .keys = {{"s", authentication::ed25519_test_key()}},
                                     .identity = "",
                                     .valid_for = {}});
  std::string signature;
  ASSERT_TRUE(signer.sign(mail, std::nullopt, signature));
  for (const std::string again : {"", "X-Again: yes\r\n"}) {
    take(arrival(again + signature + mail, "dmarc@news.example"));
    const auto picture = spoofing::read_picture(*store().read(), "news.example", 30, {}, kNow);
    EXPECT_EQ(picture.elsewhere.mails, 5);
    EXPECT_EQ(picture.reports, 1);
  }
  EXPECT_THAT(heard(), IsEmpty());
}

TEST_P(IntakeTest, AForgedBounceTellsWhereTheMailCameFrom) {
  take(arrival(dsn("Received: from x (x [203.0.113.66]) by mx.elsewhere.example\r\n"),
               "bounces+aaaaaaaaaaaaaaaaaaaaaaaaaa@news.example"));
  EXPECT_EQ(entries()[0].state, "foreign");
  const auto picture = spoofing::read_picture(*store().read(), "news.example", 30, {}, kNow);
  EXPECT_EQ(picture.bounces, 1);
  ASSERT_THAT(picture.sources, SizeIs(1));
  EXPECT_EQ(picture.sources[0].address, "203.0.113.66");
}

TEST_P(IntakeTest, FiltersByStateAndPage) {
  for (int i = 0; i < 5; ++i) take(arrival(dsn("", fmt::format("550 5.1.1 no such user {}", i)), return_path()));
  take(arrival("From: MAILER-DAEMON@x.example\r\n\r\nzzz\r\n", return_path()));
  const auto db = store().read();
  EXPECT_THAT(find_entries(*db, {.state = "dead"}), SizeIs(1));
  EXPECT_THAT(find_entries(*db, {.contact = kMail.contact}), SizeIs(6));
  const auto page = find_entries(*db, {.limit = 4});
  ASSERT_THAT(page, SizeIs(4));
  EXPECT_THAT(find_entries(*db, {.before = page[3].id}), SizeIs(2));
}

}  // namespace
}  // namespace todoku::intake
