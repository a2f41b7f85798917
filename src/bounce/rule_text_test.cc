#include "bounce/rule_text.h"

#include <gtest/gtest.h>

namespace todoku::bounce {
namespace {

TEST(PlainText, LeavesOutCodesAddressesAndSpelling) {
  EXPECT_EQ(plain_text("550-5.1.1 The e-mail\r\n550 5.1.1 account  doesn't exist").text,
            "the e mail account doesnt exist");
  EXPECT_EQ(plain_text("smtp; 550 <mailbox-full@example.jp>: \"no\"").text, "<@>: no");
  EXPECT_EQ(plain_text("X-Unix; 255").text, "x unix; 255");
  EXPECT_EQ(plain_text("").text, "");
  EXPECT_EQ(plain_text(" \r\n\t ").text, "");
}

TEST(PlainText, WordsInsideHostsAndUrlsAreNoWords) {
  EXPECT_EQ(plain_text("at relay-1.example.net.").text,
            "at relay\x02"
            "1\x02"
            "example\x02net.");
  EXPECT_EQ(plain_text("see http://spam.example.com/blocked?a=b").text,
            "see http:\x02\x02spam\x02"
            "example\x02"
            "com\x02"
            "blocked\x02"
            "a\x02"
            "b");
}

TEST(PlainText, AnAddressInsideAUrlIsNoAddress) {
  EXPECT_EQ(plain_text("//mail.example.net/Why?x=y@z.test").text,
            "\x02\x02mail\x02"
            "example\x02net\x02why\x02x\x02y\x02z\x02test");
  EXPECT_EQ(plain_text("at mail.example.net/why?x=y@z.test").text,
            "at mail\x02"
            "example\x02net\x02why\x02x\x02y\x02z\x02test");
  EXPECT_EQ(plain_text("for a.b.c@d.example").text, "for @");
  EXPECT_EQ(plain_text("for a/b.c@d.example").text, "for @");
}

TEST(PlainText, NamesOfVirusesAreNoHosts) {
  EXPECT_EQ(plain_text("W32.Sality.AE found").text, "w32.sality.ae found");
  EXPECT_EQ(plain_text("it is W32.Netsky.P@mm").text, "it is w32.netsky.p@mm");
  EXPECT_EQ(plain_text("Trojan.Win32.Agent here").text, "trojan.win32.agent here");
  EXPECT_EQ(plain_text("at w32.example.com").text,
            "at w32\x02"
            "example\x02"
            "com");
  EXPECT_EQ(plain_text("for joe@mm.example").text, "for @");
}

TEST(PlainText, KeepsWhatIsNotUtf8) {
  const std::string odd = "a\xFF\xC3(\xE3\x81";
  EXPECT_EQ(plain_text(odd).text, "a\xFF\xC3(\xE3\x81");
  EXPECT_EQ(plain_text(odd).origin.size(), odd.size());
}

TEST(PlainText, QuotesTheLine) {
  const std::string raw = "one\r\ntwo words\r\nthree";
  const PlainText plain = plain_text(raw);
  const std::size_t at = plain.text.find("words");
  EXPECT_EQ(plain.line(raw, at, at + 5), "two words");
  EXPECT_EQ(plain.line(raw, 0, 3), "one");
  EXPECT_EQ(PlainText{}.line("", 0, 0), "");
}

TEST(Codes, AreFoundWhereTheyStand) {
  const Codes said =
      codes_in("host mx.example.jp[192.0.2.1] said: 550 5.1.1 <a@b.jp>: no (in reply to RCPT TO command)");
  EXPECT_EQ(said.reply_code, 550);
  ASSERT_TRUE(said.status);
  EXPECT_EQ(said.status->to_string(), "5.1.1");
  EXPECT_EQ(said.stage, smtp::Stage::rcpt);
  EXPECT_EQ(said.begin, 36u);
}

TEST(Codes, NumbersAreNoCodes) {
  const Codes none = codes_in("512 MB of 4.5.1.2 at 192.0.2.1, 450 recipients in 5.10");
  EXPECT_EQ(none.status, std::nullopt);
  EXPECT_EQ(codes_in("more than 500 recipients").reply_code, std::nullopt);
  EXPECT_EQ(codes_in("").reply_code, std::nullopt);
}

TEST(Codes, EximTellsTheStage) {
  EXPECT_EQ(codes_in("SMTP error from remote mail server after end of data: 550 no").stage, smtp::Stage::eod);
  EXPECT_EQ(codes_in("SMTP error from remote mail server after RCPT TO:<a@b>: 550 no").stage, smtp::Stage::rcpt);
  EXPECT_EQ(codes_in("SMTP error from remote mail server after pipelined DATA: 550 no").stage, smtp::Stage::data);
}

TEST(PlainWord, EndsOfHostsAreWrittenAsHostsAre) {
  EXPECT_TRUE(plain_text("at zen.blocklist.example.com now").text.find(plain_word("*example.com").substr(1)) !=
              std::string::npos);
  EXPECT_TRUE(plain_text("branch.example.com is gone").text.find(plain_word("*.com").substr(1)) != std::string::npos);
}

}  // namespace
}  // namespace todoku::bounce
