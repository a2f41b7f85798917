#include "intake/mail_trace.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

namespace todoku::intake {
namespace {

using tracking::MailId;
using tracking::Purpose;

class MailTrace : public testing::Test {
 protected:
  static tracking::Tokens tokens_of(char secret) {
    return tracking::Tokens({{1, base::Secret(std::string(tracking::Tokens::kSecretSize, secret))}});
  }
  static Arrival to(std::string recipient, std::string content = "Subject: x\r\n\r\nx\r\n") {
    Arrival arrival;
    arrival.recipient = std::move(recipient);
    arrival.content = std::move(content);
    return arrival;
  }
  [[nodiscard]] std::string address(std::string_view name, Purpose purpose) const {
    return fmt::format("{}+{}@news.example", name, tokens_.sign(purpose, kMail));
  }

  static constexpr MailId kMail{{7}, {123456}};
  tracking::Tokens tokens_ = tokens_of('a');
  tracking::Tokens others_ = tokens_of('b');
};

TEST_F(MailTrace, KnowsTheReturnPathInAnyCase) {
  std::string recipient = address("bounces", Purpose::return_path);
  for (int i = 0; i < 2; ++i) {
    const Trace trace = trace_recipient(tokens_, to(recipient));
    EXPECT_EQ(trace.mail, kMail);
    EXPECT_EQ(trace.found_by, FoundBy::return_path);
    EXPECT_FALSE(trace.refusal);
    std::ranges::transform(recipient, recipient.begin(), [](char c) { return static_cast<char>(std::toupper(c)); });
  }
}

TEST_F(MailTrace, AWrongSignatureIsForgedAndAnyOtherAddressIsNothing) {
  const auto forged = fmt::format("bounces+{}@news.example", others_.sign(Purpose::return_path, kMail));
  EXPECT_TRUE(trace_recipient(tokens_, to(forged)).forged);
  EXPECT_FALSE(trace_recipient(tokens_, to(forged)).mail);
  // A token of another purpose proves nothing, or a reader's own link would stop mails to others.
  const auto wrong = fmt::format("bounces+{}@news.example", tokens_.sign(Purpose::unsubscribe, kMail));
  EXPECT_TRUE(trace_recipient(tokens_, to(wrong)).forged);
  for (const char* other : {"info@news.example", "bounces@news.example", "bounce+x@news.example", ""}) {
    const Trace trace = trace_recipient(tokens_, to(other));
    EXPECT_FALSE(trace.mail || trace.forged) << other;
  }
}

TEST_F(MailTrace, TakesTheUnsubscribeAddressForARefusal) {
  const Trace trace = trace_recipient(tokens_, to(address("unsubscribe", Purpose::unsubscribe)));
  EXPECT_EQ(trace.mail, kMail);
  EXPECT_TRUE(trace.refusal);
}

TEST_F(MailTrace, ReadsTheHeaderWhereTheRoadHasNoEnvelope) {
  const std::string own = address("bounces", Purpose::return_path);
  for (const std::string& header : {fmt::format("Delivered-To: {}", own), fmt::format("X-Original-To: <{}>", own),
                                    fmt::format("To: \"x\" <other@example.jp>,\r\n <{}>", own)}) {
    const Trace trace = trace_recipient(tokens_, to("", header + "\r\nSubject: x\r\n\r\nbody\r\n"));
    EXPECT_EQ(trace.mail, kMail) << header;
  }
  EXPECT_FALSE(trace_recipient(tokens_, to("", "To: a@b.c\r\n\r\n" + own + "\r\n")).mail) << "the body is no envelope";
}

TEST_F(MailTrace, FindsTheOriginalSurestFirst) {
  const MailId other{{8}, {9}};
  bounce::OriginalMail original;
  original.return_path = address("bounces", Purpose::return_path);
  original.message_id = tokens_.sign(Purpose::message_id, other) + "@news.example";
  const std::string link = "see https://news.example/u/" + tokens_.sign(Purpose::unsubscribe, other) + " there";
  EXPECT_EQ(trace_original(tokens_, original, link).mail, kMail);
  original.return_path = "news@example.jp";
  Trace trace = trace_original(tokens_, original, "");
  EXPECT_EQ(trace.mail, other);
  EXPECT_EQ(trace.found_by, FoundBy::message_id);
  original.message_id = "abc@elsewhere.example";
  trace = trace_original(tokens_, original, link);
  EXPECT_EQ(trace.mail, other);
  EXPECT_EQ(trace.found_by, FoundBy::header);
  EXPECT_FALSE(trace_original(others_, original, link).mail);
}

TEST_F(MailTrace, ManyFalseMarksEndInTime) {
  std::string content;
  for (int i = 0; i < 200'000; ++i) content += "bounces+aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@x /u/bbbb ";
  EXPECT_FALSE(trace_original(tokens_, {}, content).mail);
}

}  // namespace
}  // namespace todoku::intake
