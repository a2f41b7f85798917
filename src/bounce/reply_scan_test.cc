#include "bounce/reply_scan.h"

#include <gtest/gtest.h>

#include "bounce/address_scan.h"
#include "bounce/html_text.h"

namespace todoku::bounce {
namespace {

ReplyFacts facts(std::string_view text) { return scan_reply(text, find_cues(text)); }

TEST(ReplyScan, ReadsPostfixsSentence) {
  const auto f =
      facts("host mx.example.net[192.0.2.1] said: 550 5.1.1 <a@b.example>: unknown (in reply to RCPT TO command)");
  EXPECT_EQ(f.code, 550);
  EXPECT_EQ(f.status->to_string(), "5.1.1");
  EXPECT_EQ(f.host, "mx.example.net");
  EXPECT_EQ(f.stage, smtp::Stage::rcpt);
}

TEST(ReplyScan, ReadsEximsLines) {
  const auto f = facts(
      "SMTP error from remote mail server after end of data:\n  host mx.example.jp [192.0.2.20]: 554 5.7.0 Header "
      "error");
  EXPECT_EQ(f.code, 554);
  EXPECT_EQ(f.stage, smtp::Stage::eod);
  EXPECT_EQ(f.host, "mx.example.jp");
}

TEST(ReplyScan, ReadsACodeBehindSendmailsDots) {
  EXPECT_EQ(facts("host.example.org (smtp)... 550 Host unknown").code, 550);
}

TEST(ReplyScan, NumbersOfOtherKindsAreNoCodes) {
  EXPECT_EQ(facts("after 450 minutes in the queue").code, std::nullopt);
  EXPECT_EQ(facts("exceeds 500 MB").code, std::nullopt);
  EXPECT_EQ(facts("connect to 5.7.1.25 failed").status, std::nullopt);
  EXPECT_EQ(facts("Sorry, no mailbox here. (#5.1.1)").status->to_string(), "5.1.1");
}

TEST(ReplyScan, JoinsALongReply) {
  EXPECT_EQ(joined_reply("550-5.7.1 one\n  550-5.7.1 two\n550 5.7.1 three"), "550-5.7.1 one two three");
  EXPECT_EQ(joined_reply("550-5.7.1 one 550-5.7.1 two 550 5.7.1 three"), "550-5.7.1 one two three");
  EXPECT_EQ(joined_reply(">>> RCPT To:<a@b.example>\n<<< 550 no"), "550 no");
  EXPECT_EQ(joined_reply("554-one 554-two 554 three"), "554-one two 554 three");
  EXPECT_EQ(joined_reply("  a\n b  \n\nc"), "a b c");
}

std::vector<std::string> addresses(std::string_view text) {
  std::vector<std::string> out;
  for (const FoundAddress& found : find_addresses(text)) out.emplace_back(found.in(text));
  return out;
}

TEST(AddressScan, FindsAddressesAsNoticesWriteThem) {
  EXPECT_EQ(addresses("<a@b.example>: x, c.d@e.example. (f@g.example) 'h@i.example'"),
            (std::vector<std::string>{"a@b.example", "c.d@e.example", "f@g.example", "h@i.example"}));
  EXPECT_EQ(addresses("宛先neko@example.jp様"), (std::vector<std::string>{"neko@example.jp"}));
  EXPECT_EQ(addresses("  ねこ@例え.jp"), (std::vector<std::string>{"ねこ@例え.jp"}));
  EXPECT_EQ(addresses("dda:SMTP=user@example.com;"), (std::vector<std::string>{"user@example.com"}));
  EXPECT_EQ(addresses("<\"a b\"@c.example>"), (std::vector<std::string>{"\"a b\"@c.example"}));
  EXPECT_EQ(addresses("at @ nobody@ @b"), std::vector<std::string>{});
}

TEST(AddressScan, ReadsAddressesOfFields) {
  EXPECT_EQ(address_of_field("rfc822;<a@b.example>"), "a@b.example");
  EXPECT_EQ(address_of_field("LOCAL; neko (x)"), "neko");
  EXPECT_EQ(address_of_field("dns; mx.example.jp"), "mx.example.jp");
}

TEST(HtmlText, KeepsWordsAndRows) {
  EXPECT_EQ(html_text("<html><head><style>x{}</style></head><body><p>One&nbsp;two</p><table><tr><td>a</"
                      "td><td>&lt;b@c.example&gt;</td></tr></table>"),
            "One two\n\na <b@c.example>\n\n");
  EXPECT_EQ(html_text("<a@b.example> 1 < 2 &amp &#x41;&#12398;"), "<a@b.example> 1 < 2 &amp Aの");
}

TEST(HtmlText, ALinkToAMailboxShowsItsAddressWhereItsWordsDoNot) {
  EXPECT_EQ(html_text("<a href=\"mailto:hana@c.example\">Hana Sato</a>: full"), "Hana Sato <hana@c.example>: full");
  EXPECT_EQ(html_text("<a class=x href='mailto:hana@c.example?subject=a'><b>Hana</b></a>"), "Hana <hana@c.example>");
  EXPECT_EQ(html_text("<a href=\"mailto:hana@c.example\">hana@c.example</a>"), "hana@c.example");
  EXPECT_EQ(html_text("<a href=\"https://c.example/\">here</a> <a href=mailto:nobody>there</a></a>"), "here there");
  EXPECT_EQ(html_text("<a href=\"mailto:hana@c.example\">never closed"), "never closed");
}

}  // namespace
}  // namespace todoku::bounce
