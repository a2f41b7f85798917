// What each relay's events become: own samples in the relays' shapes.
#include <gtest/gtest.h>

#include "intake/webhooks/brevo.h"
#include "intake/webhooks/json_reading.h"
#include "intake/webhooks/mailgun.h"
#include "intake/webhooks/postmark.h"
#include "intake/webhooks/sendgrid.h"
#include "intake/webhooks/ses.h"
#include "intake/webhooks/sparkpost.h"

namespace todoku::intake::webhooks {
namespace {

using bounce::Effect;
using bounce::Kind;
using bounce::Reason;

const base::Time kNow = *parse_time("2026-11-24T12:00:00Z");

using Reader = base::Result<Reading> (*)(std::string_view payload, base::Time at);

std::vector<RelayWord> words_of(Reader reader, std::string_view payload) {
  static const auto rules = std::move(bounce::Rules::load()).value();
  auto reading = reader(payload, kNow);
  EXPECT_TRUE(reading) << (reading ? "" : reading.error().text());
  std::vector<RelayWord> words;
  if (!reading) return words;
  EXPECT_TRUE(reading->unread.empty()) << reading->unread.front().why;
  bounce::Verdicts verdicts(*rules);
  for (Event& event : reading->events) words.push_back(word_of(verdicts, "relay", std::move(event)));
  return words;
}

RelayWord word(Reader reader, std::string_view payload) {
  auto words = words_of(reader, payload);
  EXPECT_EQ(words.size(), 1U) << payload;
  return words.empty() ? RelayWord() : std::move(words.front());
}

std::string ses_bounce(std::string_view type, std::string_view subtype, std::string_view recipient) {
  return R"({"notificationType":"Bounce","bounce":{"bounceType":")" + std::string(type) + R"(","bounceSubType":")" +
         std::string(subtype) + R"(","bouncedRecipients":[)" + std::string(recipient) +
         R"(],"timestamp":"2026-11-24T11:59:00.250Z","feedbackId":"fb-1"},"mail":{"messageId":"ses-1","source":)"
         R"("bounces+k7@origin.example","destination":["a@b.example"],"headers":[{"name":"message-ID","value":)"
         R"("<m1@origin.example>"},{"name":"Subject","value":"便り"}],"commonHeaders":{"from":["N <n@origin.example>"]}}})";
}

TEST(Ses, ReadsABounceWithTheMailItIsAbout) {
  const RelayWord bounce = word(
      read_ses,
      ses_bounce(
          "Permanent", "General",
          R"({"emailAddress":"a@b.example","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 <a@b.example>: user unknown"})"));
  EXPECT_EQ(bounce.kind, Kind::bounce);
  EXPECT_EQ(bounce.identity, "fb-1/a@b.example");
  EXPECT_EQ(bounce.diagnosis.address, "a@b.example");
  EXPECT_EQ(bounce.diagnosis.reason, Reason::user_unknown);
  EXPECT_EQ(bounce.diagnosis.effect, Effect::hard);
  EXPECT_EQ(bounce.diagnosis.reply_code, 550);
  EXPECT_EQ(bounce.original.message_id, "m1@origin.example");
  EXPECT_EQ(bounce.original.return_path, "bounces+k7@origin.example");
  EXPECT_EQ(bounce.original.subject, "便り");
  EXPECT_EQ(bounce.original.from, "N <n@origin.example>");
  EXPECT_EQ(bounce.at, kNow - std::chrono::milliseconds(59'750));
  EXPECT_NE(bounce.content.find("bouncedRecipients"), std::string::npos);
}

TEST(Ses, TheServersWordsOutrankTheRelays) {
  // "Permanent", but the server speaks of a full mailbox and a listed address of ours.
  const auto full = word(
      read_ses, ses_bounce("Permanent", "General",
                           R"({"emailAddress":"a@b.example","diagnosticCode":"smtp; 552 5.2.2 Mailbox is full"})"));
  EXPECT_EQ(full.diagnosis.reason, Reason::mailbox_full);
  EXPECT_EQ(full.diagnosis.effect, Effect::soft);
  const auto listed = word(
      read_ses,
      ses_bounce(
          "Permanent", "NoEmail",
          R"({"emailAddress":"a@b.example","diagnosticCode":"smtp; 554 5.7.1 Client host [192.0.2.1] blocked using zen.spamhaus.org"})"));
  EXPECT_EQ(listed.diagnosis.reason, Reason::blocked);
  EXPECT_EQ(listed.diagnosis.effect, Effect::sender);
  // "Transient", but nobody is there.
  const auto unknown =
      word(read_ses, ses_bounce("Transient", "General",
                                R"({"emailAddress":"a@b.example","diagnosticCode":"smtp; 550 5.1.1 No such user"})"));
  EXPECT_EQ(unknown.diagnosis.reason, Reason::user_unknown);
  EXPECT_EQ(unknown.diagnosis.effect, Effect::hard);
}

TEST(Ses, TheRelaysWordDecidesWhereNothingElseSpeaks) {
  const auto bounce = word(read_ses, ses_bounce("Transient", "MailboxFull", R"({"emailAddress":"a@b.example"})"));
  EXPECT_EQ(bounce.diagnosis.reason, Reason::mailbox_full);
  ASSERT_EQ(bounce.diagnosis.evidence.size(), 1U);
  EXPECT_EQ(bounce.diagnosis.evidence[0].quote, "Transient/MailboxFull");
  const auto dead = word(read_ses, ses_bounce("Permanent", "NoEmail", R"({"emailAddress":"a@b.example"})"));
  EXPECT_EQ(dead.diagnosis.reason, Reason::user_unknown);
  EXPECT_EQ(dead.diagnosis.effect, Effect::soft) << "nothing but the relay's word says so";
}

TEST(Ses, WhatItKeptBackSaysNothingOfTheAddressNow) {
  const auto kept = word(
      read_ses,
      ses_bounce(
          "Permanent", "OnAccountSuppressionList",
          R"({"emailAddress":"a@b.example","status":"5.1.1","diagnosticCode":"Amazon SES did not send the message to this address because it is on the suppression list for your account."})"));
  EXPECT_EQ(kept.diagnosis.reason, Reason::provider_suppressed);
  EXPECT_EQ(kept.diagnosis.effect, Effect::hold);
}

TEST(Ses, ReadsTheOtherTypes) {
  const auto complaint = word(
      read_ses,
      R"({"eventType":"Complaint","complaint":{"complainedRecipients":[{"emailAddress":"a@b.example"}],"feedbackId":"c1","complaintFeedbackType":"abuse"},"mail":{}})");
  EXPECT_EQ(complaint.kind, Kind::complaint);
  EXPECT_EQ(complaint.diagnosis.effect, Effect::unsubscribe);
  const auto delivered = words_of(
      read_ses,
      R"({"notificationType":"Delivery","delivery":{"recipients":["a@b.example","c@d.example"],"smtpResponse":"250 2.0.0 OK"},"mail":{"messageId":"m"}})");
  ASSERT_EQ(delivered.size(), 2U);
  EXPECT_EQ(delivered[1].kind, Kind::delivered);
  EXPECT_EQ(delivered[1].diagnosis.address, "c@d.example");
  EXPECT_EQ(delivered[1].diagnosis.diagnostic, "250 2.0.0 OK");
  EXPECT_NE(delivered[0].identity, delivered[1].identity);
  const auto delay = word(
      read_ses,
      R"({"eventType":"DeliveryDelay","deliveryDelay":{"delayType":"TransientCommunicationFailure","delayedRecipients":[{"emailAddress":"a@b.example","status":"4.4.1","diagnosticCode":"smtp; 421 4.4.1 Unable to connect"}]},"mail":{}})");
  EXPECT_EQ(delay.kind, Kind::delay);
  EXPECT_EQ(delay.diagnosis.reason, Reason::network_error);
  EXPECT_FALSE(delay.diagnosis.permanent);
  EXPECT_TRUE(words_of(read_ses, R"({"eventType":"Open","open":{},"mail":{}})").empty());
}

TEST(SendGrid, ReadsItsEvents) {
  const auto words = words_of(read_sendgrid, R"([
    {"event":"bounce","type":"bounce","email":"a@b.example","timestamp":1795521540,"sg_event_id":"e1","smtp-id":"<m1@origin.example>","status":"5.1.1","reason":"550 5.1.1 No such user here"},
    {"event":"bounce","type":"blocked","email":"c@b.example","sg_event_id":"e2","reason":"554 5.7.1 rejected: listed at zen.spamhaus.org"},
    {"event":"bounce","type":"blocked","email":"d@b.example","sg_event_id":"e3","reason":""},
    {"event":"dropped","email":"e@b.example","sg_event_id":"e4","reason":"Bounced Address","status":"5.0.0"},
    {"event":"deferred","email":"f@b.example","sg_event_id":"e5","response":"452 4.2.2 The mailbox is over quota","attempt":"3"},
    {"event":"delivered","email":"g@b.example","sg_event_id":"e6","response":"250 OK"},
    {"event":"spamreport","email":"h@b.example","sg_event_id":"e7"},
    {"event":"open","email":"i@b.example","sg_event_id":"e8"}])");
  ASSERT_EQ(words.size(), 7U);
  const Reason reasons[] = {Reason::user_unknown, Reason::blocked,   Reason::blocked,  Reason::provider_suppressed,
                            Reason::mailbox_full, Reason::delivered, Reason::complaint};
  const Kind kinds[] = {Kind::bounce, Kind::bounce,    Kind::bounce,   Kind::bounce,
                        Kind::delay,  Kind::delivered, Kind::complaint};
  for (std::size_t i = 0; i < words.size(); ++i) {
    EXPECT_EQ(words[i].diagnosis.reason, reasons[i]) << words[i].content;
    EXPECT_EQ(words[i].kind, kinds[i]);
    EXPECT_EQ(words[i].identity, "e" + std::to_string(i + 1));
  }
  EXPECT_EQ(words[0].original.message_id, "m1@origin.example");
  EXPECT_EQ(words[0].at, kNow - std::chrono::minutes(1));
}

TEST(SendGrid, ReadsTheOldForm) {
  const auto bounce =
      word(read_sendgrid,
           R"([{"status":"550","created":"2026-11-24 11:00:00","reason":"550 Unknown user","email":"a@b.example"}])");
  EXPECT_EQ(bounce.diagnosis.reason, Reason::user_unknown);
  EXPECT_EQ(bounce.diagnosis.effect, Effect::soft);
  EXPECT_EQ(bounce.at, kNow - std::chrono::hours(1));
}

std::string mailgun(std::string_view data) { return R"({"signature":{},"event-data":)" + std::string(data) + "}"; }

TEST(Mailgun, ReadsItsEvents) {
  const auto failed = word(
      read_mailgun,
      mailgun(
          R"({"event":"failed","severity":"permanent","reason":"bounce","id":"g1","timestamp":1795521540.25,"recipient":"a@b.example","envelope":{"sender":"bounces+k@origin.example"},"message":{"headers":{"message-id":"m1@origin.example","from":"n@origin.example"}},"delivery-status":{"code":550,"message":"5.1.1 The email account that you tried to reach does not exist","mx-host":"mx.b.example","enhanced-code":"5.1.1"}})"));
  EXPECT_EQ(failed.kind, Kind::bounce);
  EXPECT_EQ(failed.diagnosis.reason, Reason::user_unknown);
  EXPECT_EQ(failed.diagnosis.effect, Effect::hard);
  EXPECT_EQ(failed.diagnosis.reply_code, 550);
  EXPECT_EQ(failed.diagnosis.remote_mta, "mx.b.example");
  EXPECT_EQ(failed.original.return_path, "bounces+k@origin.example");
  EXPECT_EQ(failed.at, kNow - std::chrono::milliseconds(59'750));
  const auto later = word(
      read_mailgun,
      mailgun(
          R"({"event":"failed","severity":"temporary","reason":"generic","id":"g2","recipient":"a@b.example","delivery-status":{"code":452,"message":"4.2.2 over quota"}})"));
  EXPECT_EQ(later.kind, Kind::delay);
  EXPECT_EQ(later.diagnosis.reason, Reason::mailbox_full);
  const auto kept = word(
      read_mailgun,
      mailgun(
          R"({"event":"failed","severity":"permanent","reason":"suppress-bounce","id":"g3","recipient":"a@b.example","delivery-status":{"code":605,"message":"","description":"Not delivering to previously bounced address"}})"));
  EXPECT_EQ(kept.diagnosis.reason, Reason::provider_suppressed);
  EXPECT_FALSE(kept.diagnosis.reply_code);
  EXPECT_EQ(word(read_mailgun, mailgun(R"({"event":"complained","id":"g4","recipient":"a@b.example"})")).kind,
            Kind::complaint);
  EXPECT_TRUE(words_of(read_mailgun, mailgun(R"({"event":"opened","id":"g5"})")).empty());
}

TEST(Postmark, ReadsItsEvents) {
  const auto hard = word(
      read_postmark,
      R"({"RecordType":"Bounce","ID":42,"Type":"HardBounce","TypeCode":1,"MessageID":"u-1","Description":"The server was unable to deliver your message","Details":"smtp;550 5.2.2 <a@b.example>: mailbox full","Email":"a@b.example","From":"n@origin.example","BouncedAt":"2026-11-24T07:00:00.1234567-05:00","Subject":"便り"})");
  EXPECT_EQ(hard.kind, Kind::bounce);
  EXPECT_EQ(hard.diagnosis.reason, Reason::mailbox_full) << "HardBounce is only Postmark's opinion";
  EXPECT_EQ(hard.identity, "bounce/42");
  EXPECT_EQ(hard.at, kNow + std::chrono::milliseconds(123));
  EXPECT_EQ(
      word(read_postmark, R"({"RecordType":"SpamComplaint","ID":43,"Type":"SpamComplaint","Email":"a@b.example"})")
          .kind,
      Kind::complaint);
  EXPECT_EQ(
      word(read_postmark, R"({"RecordType":"Delivery","MessageID":"u-2","Recipient":"a@b.example","Details":"250 OK"})")
          .kind,
      Kind::delivered);
  EXPECT_TRUE(words_of(read_postmark, R"({"RecordType":"Open","Recipient":"a@b.example"})").empty());
}

TEST(SparkPost, ReadsItsEvents) {
  const auto words = words_of(read_sparkpost, R"([
    {"msys":{"message_event":{"type":"bounce","event_id":"1","bounce_class":"10","error_code":"550","raw_reason":"550 5.1.1 User unknown","rcpt_to":"a@b.example","raw_rcpt_to":"A@b.example","msg_from":"bounces@origin.example","timestamp":"1795521540"}}},
    {"msys":{"message_event":{"type":"bounce","event_id":"2","bounce_class":"25","error_code":"554","raw_reason":"554 5.7.1 recipient address suppressed due to customer policy","rcpt_to":"c@b.example"}}},
    {"msys":{"message_event":{"type":"out_of_band","event_id":"3","bounce_class":"60","raw_reason":"auto reply","rcpt_to":"d@b.example"}}},
    {"msys":{"message_event":{"type":"spam_complaint","event_id":"4","rcpt_to":"e@b.example"}}},
    {"msys":{"track_event":{"type":"open","rcpt_to":"f@b.example"}}},
    {"msys":{}}])");
  ASSERT_EQ(words.size(), 4U);
  EXPECT_EQ(words[0].diagnosis.reason, Reason::user_unknown);
  EXPECT_EQ(words[0].diagnosis.address, "A@b.example");
  EXPECT_EQ(words[0].diagnosis.effect, Effect::hard);
  EXPECT_EQ(words[1].diagnosis.reason, Reason::provider_suppressed);
  EXPECT_EQ(words[2].kind, Kind::auto_reply);
  EXPECT_EQ(words[3].kind, Kind::complaint);
}

TEST(Brevo, ReadsItsEvents) {
  const auto hard = word(
      read_brevo,
      R"({"event":"hard_bounce","email":"a@b.example","id":7,"message-id":"<m1@origin.example>","ts_event":1795521540,"reason":"550 5.7.1 Message rejected: SPF check failed"})");
  EXPECT_EQ(hard.diagnosis.reason, Reason::authentication_failed);
  EXPECT_EQ(hard.original.message_id, "m1@origin.example");
  EXPECT_EQ(hard.identity, "m1@origin.example/a@b.example/hard_bounce/1795521540");
  EXPECT_EQ(word(read_brevo, R"({"event":"blocked","email":"a@b.example"})").diagnosis.reason,
            Reason::provider_suppressed);
  EXPECT_EQ(word(read_brevo, R"({"event":"spam","email":"a@b.example"})").kind, Kind::complaint);
  EXPECT_EQ(
      words_of(read_brevo, R"([{"event":"delivered","email":"a@b.example"},{"event":"click","email":"a@b.example"}])")
          .size(),
      1U);
}

/// A relay's event with its own opinion, hard or soft, of what a server answered ({0} the whole reply, {1} its code,
/// {2} its text).
struct Opinion {
  const char* relay;
  Reader reader;
  const char* hard;
  const char* soft;
};
constexpr Opinion kOpinions[] = {
    {"ses", read_ses,
     R"(<"notificationType":"Bounce","bounce":<"bounceType":"Permanent","bounceSubType":"NoEmail","bouncedRecipients":[<"emailAddress":"a@b.example","diagnosticCode":"smtp; {0}">]>,"mail":<>>)",
     R"(<"notificationType":"Bounce","bounce":<"bounceType":"Transient","bounceSubType":"MailboxFull","bouncedRecipients":[<"emailAddress":"a@b.example","diagnosticCode":"smtp; {0}">]>,"mail":<>>)"},
    {"sendgrid", read_sendgrid,
     R"([<"event":"bounce","type":"bounce","bounce_classification":"Invalid Address","email":"a@b.example","reason":"{0}">])",
     R"([<"event":"bounce","type":"blocked","bounce_classification":"Technical Failure","email":"a@b.example","reason":"{0}">])"},
    {"mailgun", read_mailgun,
     R"(<"signature":<>,"event-data":<"event":"failed","severity":"permanent","reason":"bounce","recipient":"a@b.example","delivery-status":<"code":{1},"message":"{2}">>>)",
     R"(<"signature":<>,"event-data":<"event":"failed","severity":"permanent","reason":"generic","recipient":"a@b.example","delivery-status":<"code":{1},"message":"{2}">>>)"},
    {"postmark", read_postmark,
     R"(<"RecordType":"Bounce","ID":1,"Type":"HardBounce","Email":"a@b.example","Details":"smtp;{0}">)",
     R"(<"RecordType":"Bounce","ID":1,"Type":"SoftBounce","Email":"a@b.example","Details":"smtp;{0}">)"},
    {"sparkpost", read_sparkpost,
     R"([<"msys":<"message_event":<"type":"bounce","bounce_class":"10","error_code":"{1}","raw_reason":"{0}","rcpt_to":"a@b.example">>>])",
     R"([<"msys":<"message_event":<"type":"bounce","bounce_class":"22","error_code":"{1}","raw_reason":"{0}","rcpt_to":"a@b.example">>>])"},
    {"brevo", read_brevo, R"(<"event":"hard_bounce","email":"a@b.example","reason":"{0}">)",
     R"(<"event":"soft_bounce","email":"a@b.example","reason":"{0}">)"},
};

std::string event_of_reply(std::string_view shape, std::string_view reply) {
  std::string text(shape);
  for (char& c : text) c = c == '<' ? '{' : c == '>' ? '}' : c;
  const auto fill = [&](std::string_view place, std::string_view value) {
    for (std::size_t at = text.find(place); at != std::string::npos; at = text.find(place, at + value.size())) {
      text.replace(at, place.size(), value);
    }
  };
  fill("{0}", reply);
  fill("{1}", reply.substr(0, 3));
  fill("{2}", reply.substr(4));
  return text;
}

TEST(EveryRelay, IsOutrankedByWhatTheServerSaid) {
  for (const Opinion& relay : kOpinions) {
    const auto full = word(relay.reader, event_of_reply(relay.hard, "552 5.2.2 Mailbox is full")).diagnosis;
    EXPECT_EQ(full.reason, Reason::mailbox_full) << relay.relay;
    EXPECT_EQ(full.effect, Effect::soft) << relay.relay;
    const auto unknown = word(relay.reader, event_of_reply(relay.soft, "550 5.1.1 No such user here")).diagnosis;
    EXPECT_EQ(unknown.reason, Reason::user_unknown) << relay.relay;
    EXPECT_EQ(unknown.effect, Effect::hard) << relay.relay;
    const auto ours =
        word(relay.reader, event_of_reply(relay.hard, "554 5.7.1 Client host [192.0.2.1] blocked by zen.spamhaus.org"))
            .diagnosis;
    EXPECT_EQ(ours.reason, Reason::blocked) << relay.relay;
    EXPECT_EQ(ours.effect, Effect::sender) << relay.relay;
    for (const auto& diagnosis : {full, unknown, ours}) {
      for (const auto& evidence : diagnosis.evidence) EXPECT_NE(evidence.rule, "relay") << relay.relay;
    }
  }
}

TEST(EveryRelay, TakesNoFinalWordForADelay) {
  constexpr Opinion kDelays[] = {
      {"ses", read_ses, "",
       R"(<"eventType":"DeliveryDelay","deliveryDelay":<"delayType":"General","delayedRecipients":[<"emailAddress":"a@b.example","diagnosticCode":"smtp; {0}">]>,"mail":<>>)"},
      {"sendgrid", read_sendgrid, "", R"([<"event":"deferred","email":"a@b.example","response":"{0}">])"},
      {"mailgun", read_mailgun, "",
       R"(<"signature":<>,"event-data":<"event":"failed","severity":"temporary","reason":"generic","recipient":"a@b.example","delivery-status":<"code":{1},"message":"{2}">>>)"},
      {"postmark", read_postmark, "",
       R"(<"RecordType":"Bounce","ID":1,"Type":"Transient","Email":"a@b.example","Details":"smtp;{0}">)"},
      {"sparkpost", read_sparkpost, "",
       R"([<"msys":<"message_event":<"type":"delay","bounce_class":"40","error_code":"{1}","raw_reason":"{0}","rcpt_to":"a@b.example">>>])"},
      {"brevo", read_brevo, "", R"(<"event":"deferred","email":"a@b.example","reason":"{0}">)"},
  };
  for (const Opinion& relay : kDelays) {
    const auto gone = word(relay.reader, event_of_reply(relay.soft, "550 5.1.1 No such user here"));
    EXPECT_EQ(gone.kind, Kind::bounce) << relay.relay;
    EXPECT_EQ(gone.diagnosis.effect, Effect::hard) << relay.relay;
    EXPECT_TRUE(gone.diagnosis.permanent) << relay.relay;
    const auto later = word(relay.reader, event_of_reply(relay.soft, "452 4.2.2 The mailbox is over quota"));
    EXPECT_EQ(later.kind, Kind::delay) << relay.relay;
    EXPECT_EQ(later.diagnosis.reason, Reason::mailbox_full) << relay.relay;
    EXPECT_FALSE(later.diagnosis.permanent) << relay.relay;
  }
}

TEST(EveryRelay, NeverStopsAtOnceByItsOwnWord) {
  for (const Opinion& relay : kOpinions) {
    const auto alone = word(relay.reader, event_of_reply(relay.hard, "550 Rejected")).diagnosis;
    EXPECT_NE(alone.effect, Effect::hard) << relay.relay;
  }
}

TEST(Reading, KeepsWhatIsBrokenBesideWhatIsNot) {
  const auto reading = read_sendgrid(R"([{"event":"bounce"},5,{"event":"spamreport","email":"a@b.example"}])", kNow);
  ASSERT_TRUE(reading);
  EXPECT_EQ(reading->events.size(), 1U);
  ASSERT_EQ(reading->unread.size(), 2U);
  EXPECT_EQ(reading->unread[0].content, R"({"event":"bounce"})");
  EXPECT_NE(reading->unread[0].why.find("'email'"), std::string::npos);
}

TEST(Reading, RefusesWhatHoldsNothing) {
  const std::string deep = std::string(100, '[') + std::string(100, ']');
  for (const std::string& payload : {std::string(), std::string("{"), std::string("5"), std::string("{}"), deep}) {
    for (const Reader reader : {read_ses, read_sendgrid, read_mailgun, read_postmark, read_sparkpost, read_brevo}) {
      const auto reading = reader(payload, kNow);
      ASSERT_FALSE(reading) << payload;
      EXPECT_EQ(reading.error().code, base::ErrorCode::invalid);
    }
  }
  EXPECT_TRUE(read_sendgrid("[]", kNow));
  std::string many = "[0";
  for (std::size_t i = 0; i <= kMostEvents; ++i) many += ",0";
  EXPECT_EQ(read_sendgrid(many + "]", kNow).error().code, base::ErrorCode::limit);
}

TEST(Reading, BelievesNoAbsurdTime) {
  for (const char* time : {"1", "99999999999", "-5", "1e300", "\"never\"", "\"2026-13-01T00:00:00Z\"", "null", "[]"}) {
    const auto bounce =
        word(read_sendgrid, std::string(R"({"event":"spamreport","email":"a@b.example","timestamp":)") + time + "}");
    EXPECT_EQ(bounce.at, kNow) << time;
  }
}

TEST(Reading, TakesNoNulAndNoEndlessText) {
  const auto bounce = word(
      read_sendgrid, R"({"event":"bounce","email":"a\u0000@b.example","reason":")" + std::string(100'000, 'x') + "\"}");
  EXPECT_EQ(bounce.diagnosis.address, "a@b.example");
  EXPECT_LE(bounce.diagnosis.diagnostic.size(), 4096U);
}

TEST(ParseTime, KnowsOffsets) {
  EXPECT_EQ(parse_time("2026-11-24T21:00:00+09:00"), kNow);
  EXPECT_EQ(parse_time("2026-11-24 07:00:00-0500"), kNow);
  EXPECT_EQ(parse_time("1795521600"), kNow);
  for (const char* text :
       {"", "2026-11-24", "2026-11-24T12:00", "2026-11-24T12:00:00 PM", "2026-02-30T00:00:00Z", "nan", "inf"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
}

}  // namespace
}  // namespace todoku::intake::webhooks
