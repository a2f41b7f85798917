// Who may post: proofs of every relay, and what each of them refuses.
#include "intake/webhooks/webhooks.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <boost/json.hpp>

#include "authentication/evp.h"
#include "authentication/message_proof.h"
#include "base/owned.h"
#include "intake/webhooks/json_reading.h"
#include "net/runtime.h"
#include "smtp/sasl.h"

namespace todoku::intake::webhooks {
namespace {

namespace json = boost::json;
using authentication::Pkey;
using base::ErrorCode;

const base::Time kNow = *parse_time("2026-11-24T12:00:00Z");
constexpr const char* kTopic = "arn:aws:sns:eu-west-1:123456789012:bounces";
constexpr const char* kCertificateUrl = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0a.pem";
constexpr const char* kConfirmUrl = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=t";
constexpr const char* kSecret = "0123456789abcdef0123456789abcdef";

std::string sign(EVP_PKEY* key, const EVP_MD* hash, const std::string& text) {
  const authentication::DigestContext context(EVP_MD_CTX_new());
  std::string signature(1024, '\0');
  std::size_t length = signature.size();
  EXPECT_EQ(EVP_DigestSignInit(context.get(), nullptr, hash, nullptr, key), 1);
  EXPECT_EQ(EVP_DigestSign(context.get(), authentication::bytes_of(signature), &length,
                           authentication::bytes_of(std::string_view(text)), text.size()),
            1);
  return smtp::base64(signature.substr(0, length));
}

struct SnsSigner {
  Pkey key{EVP_RSA_gen(2048)};

  [[nodiscard]] std::string pem() const {
    const base::Owned<X509, X509_free> x(X509_new());
    ASN1_INTEGER_set(X509_get_serialNumber(x.get()), 1);
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(kNow.time_since_epoch()).count();
    ASN1_TIME_set(X509_getm_notBefore(x.get()), seconds - 1000);
    ASN1_TIME_set(X509_getm_notAfter(x.get()), seconds + 1000);
    X509_set_pubkey(x.get(), key.get());
    X509_sign(x.get(), key.get(), EVP_sha256());
    const authentication::Bio bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(bio.get(), x.get());
    char* data = nullptr;
    const auto size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
  }

  void sign_message(json::object& message) const {
    message["Signature"] = "x";
    const auto parsed = parse_sns(json::serialize(message));
    ASSERT_TRUE(parsed);
    const EVP_MD* hash = message["SignatureVersion"].as_string() == "2" ? EVP_sha256() : EVP_sha1();
    message["Signature"] = sign(key.get(), hash, signed_text(*parsed));
  }
};

json::object notification(const SnsSigner& signer, const char* version = "2") {
  json::object message{
      {"Type", "Notification"},
      {"MessageId", "id-1"},
      {"TopicArn", kTopic},
      {"Subject", "Amazon SES"},
      {"Message",
       R"({"notificationType":"Complaint","complaint":{"complainedRecipients":[{"emailAddress":"a@b.example"}]},"mail":{}})"},
      {"Timestamp", "2026-11-24T11:00:00.000Z"},
      {"SignatureVersion", version},
      {"SigningCertURL", kCertificateUrl}};
  signer.sign_message(message);
  return message;
}

class WebhooksTest : public testing::Test {
 protected:
  WebhooksTest() : rules_(std::move(bounce::Rules::load()).value()) {
    settings_.ses_topics = {kTopic};
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(sendgrid_key_.get(), &der);
    settings_.sendgrid_key = smtp::base64({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)});
    OPENSSL_free(der);
    settings_.mailgun_key = base::Secret("key-1");
    settings_.postmark_secret = settings_.brevo_secret = base::Secret(kSecret);
    webhooks_ = make();
  }

  std::unique_ptr<Webhooks> make() {
    auto made = Webhooks::make(settings_, *rules_, [this](net::HttpsPlace place) { return answer(std::move(place)); });
    EXPECT_TRUE(made);
    return *std::move(made);
  }

  net::Task<base::Result<net::HttpsAnswer>> answer(net::HttpsPlace place) {
    asked_.push_back(place.host + place.path);
    if (away_) co_return base::Error{ErrorCode::unavailable, "no answer in time", "", place.host};
    co_return net::HttpsAnswer{.status = 200, .content_type = "", .body = place.path.ends_with(".pem") ? pem_ : "ok"};
  }

  base::Result<std::string> post(const std::string& relay, const std::string& body,
                                 std::map<std::string, std::string> fields = {}, const std::string& secret = "") {
    const Post post{.body = body,
                    .secret = secret,
                    .field = [&fields](std::string_view name) -> std::string_view { return fields[std::string(name)]; },
                    .at = kNow};
    return net::run(runtime_, webhooks_->verify(relay, post));
  }

  void expect_refused(const base::Result<std::string>& result, std::string_view words) {
    ASSERT_FALSE(result) << words;
    EXPECT_EQ(result.error().code, ErrorCode::refused) << result.error().text();
    EXPECT_NE(result.error().text().find(words), std::string::npos) << result.error().text();
  }

  net::Runtime runtime_{{.threads = 1, .workers = 1}};
  std::unique_ptr<bounce::Rules> rules_;
  Pkey sendgrid_key_{EVP_EC_gen("P-256")};
  SnsSigner signer_;
  std::string pem_ = signer_.pem();
  bool away_ = false;
  std::vector<std::string> asked_;
  Settings settings_;
  std::unique_ptr<Webhooks> webhooks_;
};

TEST_F(WebhooksTest, SesTakesBothVersionsAndFetchesTheCertificateOnce) {
  for (const char* version : {"1", "2"}) {
    const auto message = post("ses", json::serialize(notification(signer_, version)));
    ASSERT_TRUE(message) << message.error().text();
    const auto words = webhooks_->read("ses", *message, kNow);
    ASSERT_TRUE(words);
    ASSERT_EQ(words->words.size(), 1U);
    EXPECT_EQ(words->words[0].kind, bounce::Kind::complaint);
    EXPECT_EQ(words->words[0].place, "ses");
  }
  EXPECT_EQ(asked_.size(), 1U);
}

TEST_F(WebhooksTest, SesRefusesForgeries) {
  const auto changed = [this](const char* name, const char* value) {
    json::object message = notification(signer_);
    message[name] = value;
    return post("ses", json::serialize(message));
  };
  for (const char* name : {"Message", "MessageId", "Subject", "Signature"}) {
    expect_refused(changed(name, "other"), "signature does not fit");
  }
  expect_refused(changed("TopicArn", "arn:aws:sns:eu-west-1:999999999999:bounces"), "topic is none of ours");
  expect_refused(changed("SignatureVersion", "3"), "unknown version");
  expect_refused(changed("SignatureVersion", "1"), "signature does not fit");
  pem_ = SnsSigner().pem();
  webhooks_ = make();
  expect_refused(post("ses", json::serialize(notification(signer_))), "signature does not fit");
}

TEST_F(WebhooksTest, SesAsksNobodyButAmazon) {
  for (const char* url :
       {"http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0a.pem",
        "https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-0a.pem",
        "https://evil.example/SimpleNotificationService-0a.pem",
        "https://sns.a.b.amazonaws.com/SimpleNotificationService-0a.pem",
        "https://sns.eu-west-1.amazonaws.com:8443/SimpleNotificationService-0a.pem",
        "https://sns.eu-west-1.amazonaws.com@evil.example/SimpleNotificationService-0a.pem",
        "https://bucket.s3.amazonaws.com/SimpleNotificationService-0a.pem",
        "https://sns.eu-west-1.amazonaws.com/other.pem",
        "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0a.pem?x=.pem", "file:///etc/passwd", ""}) {
    json::object message = notification(signer_);
    message["SigningCertURL"] = url;
    EXPECT_FALSE(post("ses", json::serialize(message))) << url;
  }
  EXPECT_TRUE(asked_.empty());
  EXPECT_TRUE(is_certificate_url("https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-0a.pem"));
}

TEST_F(WebhooksTest, SesRefusesOldAndFutureMessages) {
  for (const char* time : {"2026-11-23T10:00:00.000Z", "2026-11-24T12:10:00.000Z", "soon"}) {
    json::object message = notification(signer_);
    message["Timestamp"] = time;
    signer_.sign_message(message);
    EXPECT_FALSE(post("ses", json::serialize(message))) << time;
  }
}

TEST_F(WebhooksTest, SesConfirmsASubscriptionToOurTopic) {
  json::object message = notification(signer_);
  message["Type"] = "SubscriptionConfirmation";
  message["Token"] = "t";
  message["SubscribeURL"] = kConfirmUrl;
  signer_.sign_message(message);
  const auto confirmed = post("ses", json::serialize(message));
  ASSERT_TRUE(confirmed) << confirmed.error().text();
  EXPECT_TRUE(confirmed->empty());
  ASSERT_EQ(asked_.size(), 2U);
  EXPECT_EQ(asked_[1], "sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=t");
  message["SubscribeURL"] = "https://evil.example/?Action=ConfirmSubscription";
  signer_.sign_message(message);
  expect_refused(post("ses", json::serialize(message)), "not one of Amazon SNS");
  EXPECT_EQ(asked_.size(), 2U);
}

TEST_F(WebhooksTest, SesAsksToComeAgainWhileTheCertificateIsNotToBeHad) {
  away_ = true;
  const auto result = post("ses", json::serialize(notification(signer_)));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::unavailable);
}

TEST_F(WebhooksTest, SesSaysWhatToDoAboutRawDelivery) {
  const auto result = post("ses", R"({"notificationType":"Bounce"})");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::invalid);
  EXPECT_NE(result.error().hint.find("raw message delivery"), std::string::npos);
}

TEST_F(WebhooksTest, SendGridWantsItsSignature) {
  const std::string body = "[]", time = "1795521540";
  const std::string signature = sign(sendgrid_key_.get(), EVP_sha256(), time + body);
  const auto posted = [&](const std::string& text, const std::string& at, const std::string& proof) {
    return post("sendgrid", text,
                {{"X-Twilio-Email-Event-Webhook-Signature", proof}, {"X-Twilio-Email-Event-Webhook-Timestamp", at}});
  };
  EXPECT_TRUE(posted(body, time, signature));
  expect_refused(posted("[ ]", time, signature), "does not fit");
  expect_refused(posted(body, "1795521541", signature), "does not fit");
  expect_refused(posted(body, time, ""), "not signed");
  const std::string old = "1795400000";
  expect_refused(posted(body, old, sign(sendgrid_key_.get(), EVP_sha256(), old + body)), "older");
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    text += kDigits[static_cast<unsigned char>(c) >> 4U];
    text += kDigits[static_cast<unsigned char>(c) & 15U];
  }
  return text;
}

TEST_F(WebhooksTest, MailgunsTokenIsGoodForOneEvent) {
  const auto posted = [this](const std::string& time, const std::string& token, const std::string& id) {
    const std::string proof = hex(authentication::hmac_sha256(base::Secret("key-1"), time + token));
    return post("mailgun", R"({"signature":{"timestamp":")" + time + R"(","token":")" + token + R"(","signature":")" +
                               proof + R"("},"event-data":{"event":"opened","id":")" + id + R"("}})");
  };
  EXPECT_TRUE(posted("1795521540", "t1", "1"));
  EXPECT_TRUE(posted("1795521540", "t1", "1")) << "the same again is for the Taker to know";
  expect_refused(posted("1795521540", "t1", "2"), "another event");
  EXPECT_TRUE(posted("1795521540", "t2", "2"));
  expect_refused(posted("1795400000", "t3", "3"), "older");
  expect_refused(
      post("mailgun", R"({"signature":{"timestamp":"1795521540","token":"t4","signature":"00"},"event-data":{}})"),
      "does not fit");
  expect_refused(post("mailgun", "{}"), "no signature");
}

TEST_F(WebhooksTest, SecretsComeByUrlOrAuthorization) {
  EXPECT_TRUE(post("postmark", "{}", {}, kSecret));
  EXPECT_TRUE(post("postmark", "{}", {{"Authorization", "Basic " + smtp::base64(std::string("any:") + kSecret)}}));
  EXPECT_TRUE(post("brevo", "{}", {{"Authorization", std::string("Bearer ") + kSecret}}));
  expect_refused(post("brevo", "{}", {}, "0123456789abcdef0123456789abcdeg"), "secret");
  expect_refused(post("brevo", "{}"), "secret");
  expect_refused(post("brevo", "{}", {{"Authorization", "Basic !!"}}), "secret");
}

TEST_F(WebhooksTest, WhatIsNotSetUpIsNotThere) {
  const auto missing = post("sparkpost", "[]");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::not_found);
  EXPECT_NE(missing.error().hint.find("webhooks.sparkpost_secret"), std::string::npos);
  EXPECT_EQ(post("other", "[]").error().code, ErrorCode::not_found);
}

TEST_F(WebhooksTest, RefusesSettingsThatCannotWork) {
  const auto error_of = [this](auto change) {
    Settings settings = settings_;
    change(settings);
    auto made = Webhooks::make(settings, *rules_, {});
    return made ? std::string() : made.error().where;
  };
  EXPECT_EQ(error_of([](Settings& s) { s.ses_topics = {"bounces"}; }), "webhooks.ses_topics");
  EXPECT_EQ(error_of([](Settings& s) { s.sendgrid_key = "nonsense"; }), "webhooks.sendgrid_key");
  EXPECT_EQ(error_of([](Settings& s) { s.brevo_secret = base::Secret("short"); }), "webhooks.brevo_secret");
}

}  // namespace
}  // namespace todoku::intake::webhooks
