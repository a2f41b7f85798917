#include "campaign/message.h"

#include <gmock/gmock.h>

#include "campaign/message_body.h"
#include "mail/html_text.h"
#include "mail/read_mail.h"
#include "mail/utf8.h"

namespace todoku::campaign {
namespace {

using testing::HasSubstr;
using testing::Not;

const base::Time kDate = base::from_stored(1'719'792'000'000);  // 2024-07-01T09:00:00+09:00

MessageOptions options() {
  MessageOptions made;
  made.from = {"とどく編集部", *mail::parse_address("news@example.jp")};
  made.reply_to = "お問い合わせ <help@example.jp>";
  made.postal_address = "〒100-0001 東京都千代田区千代田1-1\nとどくビル";
  made.contact = "https://example.jp/contact";
  made.campaign_name = "7月号";
  made.message_id_domain = "mail.example.jp";
  made.list_id = "とどくニュース <news.example.jp>";
  made.feedback_id = "12:example:news:todoku";
  return made;
}

struct Recipient {
  mail::Address address = *mail::parse_address("hanako@example.jp");
  std::string name = "佐藤 花子";
  std::vector<FieldValue> fields = {{"city", "東京都"}, {"points", "120"}};
  std::string unsubscribe_url = "https://example.jp/u/abc?x=1&y=2";
  std::string mailto = "unsubscribe+abc@bounce.example.jp";
  std::string id = "c12.r345";
  std::string trace = "c12.345";
  [[nodiscard]] RecipientValues values() const {
    return {address, name, fields, id, kDate, unsubscribe_url, mailto, trace};
  }
};

Template parsed(std::vector<TemplateFile> files) {
  auto made = parse_template(files);
  EXPECT_TRUE(made) << (made ? "" : made.error().text());
  return made ? *made : Template{};
}

Template newsletter() {
  return parsed(
      {{"subject.txt", "{{ contact.name | default: \"お客様\" }}様、{{ campaign.name }}のお知らせ"},
       {"body.html",
        "<html><body>\n<p>{{ contact.name }}様</p>\n<p>{{ contact.city }}で{{ contact.points }}ポイント</p>"
        "<img src=\"logo.png\" alt=\"ロゴ\">{% if contact.points > 100 %}<b>特典</b>{% endif %}\n</body></html>\n"},
       {"logo.png", std::string("\x89PNG\r\n\0\x1a", 8)},
       {"attachments/ご案内.pdf", std::string(500, '\x01')}});
}

void expect_wire_form(const std::string& mail, std::size_t longest = 200) {
  std::size_t start = 0;
  for (std::size_t i = 0; i < mail.size(); ++i) {
    ASSERT_LT(static_cast<unsigned char>(mail[i]), 0x80u) << mail.substr(start, 100);
    ASSERT_NE(mail[i], '\0');
    if (mail[i] == '\r') ASSERT_EQ(mail.substr(i, 2), "\r\n");
    if (mail[i] != '\n') continue;
    ASSERT_TRUE(i > 0 && mail[i - 1] == '\r');
    EXPECT_LE(i - 1 - start, longest) << mail.substr(start, i - start);
    start = i + 1;
  }
  EXPECT_EQ(start, mail.size()) << "ends inside a line";
}

std::string written(const Template& from, const MessageOptions& with, const RecipientValues& to) {
  auto message = CompiledMessage::compile(from, with);
  EXPECT_TRUE(message) << (message ? "" : message.error().text());
  if (!message) return "";
  MessageWriter writer(*message);
  std::string out;
  auto r = writer.write(to, out);
  EXPECT_TRUE(r) << (r ? "" : r.error().text());
  return out;
}

/// Texts of mails have CRLF; comparing is easier without.
std::string lf(std::string text) {
  std::erase(text, '\r');
  return text;
}

TEST(Message, InShortLinesIsTheSameToItsReader) {
  for (const std::string& words : {std::string("word "), std::string("とどくお知らせ")}) {
    std::string line;
    for (int i = 0; i < 100; ++i) line += words;
    const Template from =
        parsed({{"subject.txt", std::string(300, 'S') + " {{ contact.name }}"},
                {"body.txt", line + "{{ contact.name }}。\n{{ unsubscribe_url }}\n"},
                {"body.html", "<p>" + line + "<b>{{ contact.name }}</b></p>{{ unsubscribe_url }}\n"}});
    const Recipient to;
    MessageOptions with = options();
    const auto before = mail::read_mail(written(from, with, to.values()));
    with.short_lines = true;
    const std::string mail = written(from, with, to.values());
    expect_wire_form(mail, 78);
    const auto read = mail::read_mail(mail);
    ASSERT_TRUE(before && read);
    EXPECT_EQ(read->field("Subject"), before->field("Subject"));
    ASSERT_EQ(read->parts.size(), 2U);
    EXPECT_THAT(mail, HasSubstr("text/plain; charset=utf-8; format=flowed; delsp=yes"));
    for (std::size_t i = 0; i < 2; ++i) {
      const std::string text = lf(read->parts[i].content);
      for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != text.npos; at = end + 1) {
        EXPECT_LE(end - at, 78U) << text.substr(at, end - at);
      }
    }
    std::string text = lf(read->parts[0].content);
    for (std::size_t at = text.find(" \n"); at != text.npos; at = text.find(" \n")) text.erase(at, 2);
    EXPECT_EQ(text, lf(before->parts[0].content));
    EXPECT_EQ(mail::html_to_text(lf(read->parts[1].content)), mail::html_to_text(lf(before->parts[1].content)));
  }
}

TEST(Message, IsWhatItsReaderSees) {
  const Recipient to;
  const std::string mail = written(newsletter(), options(), to.values());
  expect_wire_form(mail);
  const auto read = mail::read_mail(mail);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->field("Date"), "Mon, 01 Jul 2024 09:00:00 +0900");
  EXPECT_EQ(read->field("From"), "とどく編集部 <news@example.jp>");
  EXPECT_EQ(read->field("Reply-To"), "お問い合わせ <help@example.jp>");
  EXPECT_EQ(read->field("To"), "佐藤 花子 <hanako@example.jp>");
  EXPECT_EQ(read->field("Subject"), "佐藤 花子様、7月号のお知らせ");
  EXPECT_EQ(read->field("Message-ID"), "<c12.r345@mail.example.jp>");
  EXPECT_EQ(read->field("List-Unsubscribe"),
            "<https://example.jp/u/abc?x=1&y=2>, <mailto:unsubscribe+abc@bounce.example.jp>");
  EXPECT_EQ(read->field("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
  EXPECT_EQ(read->field("List-Id"), "とどくニュース <news.example.jp>");
  EXPECT_EQ(read->field("Feedback-ID"), "12:example:news:todoku");
  EXPECT_EQ(read->field("Precedence"), "bulk");
  EXPECT_EQ(read->field("X-Todoku-Trace"), "c12.345");
  EXPECT_EQ(read->field("MIME-Version"), "1.0");

  ASSERT_EQ(read->parts.size(), 4u);
  const std::string& id = read->parts[2].content_id;
  EXPECT_EQ(
      lf(read->part("text/html")->content),
      "<html><body>\n<p>佐藤 花子様</p>\n<p>東京都で120ポイント</p><img src=\"cid:" + id +
          "\" alt=\"ロゴ\"><b>特典</b>\n<div style=\"margin:32px 0 16px;padding-top:12px;border-top:1px solid "
          "#ccc;font-size:12px;line-height:1.6;color:#595959\">とどく編集部<br>〒100-0001 東京都千代田区千代田1-1<br>\n"
          "とどくビル<br>お問い合わせ・苦情: https://example.jp/contact<br><a "
          "href=\"https://example.jp/u/abc?x=1&amp;y=2\" "
          "style=\"color:#595959\">配信停止はこちら</a></div></body></html>\n");
  EXPECT_EQ(lf(read->part("text/plain")->content),
            "佐藤 花子様\n\n東京都で120ポイント\n\nロゴ特典\n\n-- \nとどく編集部\n〒100-0001 "
            "東京都千代田区千代田1-1\nとどくビル\n"
            "お問い合わせ・苦情: https://example.jp/contact\n配信停止: https://example.jp/u/abc?x=1&y=2\n");
  EXPECT_EQ(read->parts[2].content, std::string("\x89PNG\r\n\0\x1a", 8));
  EXPECT_EQ(read->parts[3].file_name, "ご案内.pdf");
  EXPECT_EQ(read->parts[3].content, std::string(500, '\x01'));
}

TEST(Message, IsTheSameForTheSameInputs) {
  const Recipient to;
  EXPECT_EQ(written(newsletter(), options(), to.values()), written(newsletter(), options(), to.values()));
  auto message = CompiledMessage::compile(newsletter(), options());
  MessageWriter writer(*message);
  Recipient other;
  other.name = "別の人";
  std::string first;
  std::string between;
  std::string second;
  ASSERT_TRUE(writer.write(to.values(), first));
  ASSERT_TRUE(writer.write(other.values(), between));
  ASSERT_TRUE(writer.write(to.values(), second));
  EXPECT_EQ(first, second);
  EXPECT_NE(first, between);
  EXPECT_GT(message->fixed_size(), first.size() / 2);
}

TEST(Message, WritesItsOwnUnsubscribeLinkOnlyWhereTheAuthorDidNot) {
  const Recipient to;
  auto own = parsed({{"subject.txt", "S"},
                     {"body.html", "<p><a href=\"{{ unsubscribe_url }}\">stop</a></p>"},
                     {"body.txt", "no link"}});
  auto english = options();
  english.language = "en";
  const auto read = mail::read_mail(written(own, english, to.values()));
  EXPECT_EQ(lf(read->part("text/html")->content), "<p><a href=\"https://example.jp/u/abc?x=1&amp;y=2\">stop</a></p>\n");
  EXPECT_THAT(read->part("text/plain")->content, HasSubstr("Unsubscribe: https://example.jp/u/abc?x=1&y=2"));
  Recipient by_mail;
  by_mail.unsubscribe_url = "";
  const auto other = mail::read_mail(written(own, english, by_mail.values()));
  EXPECT_EQ(other->field("List-Unsubscribe"), "<mailto:unsubscribe+abc@bounce.example.jp>");
  EXPECT_EQ(other->field("List-Unsubscribe-Post"), "");
  EXPECT_THAT(other->part("text/html")->content, HasSubstr("href=\"mailto:unsubscribe+abc@bounce.example.jp\""));
}

/// Every way of cutting fixed text and merge fields, in both encodings, against what the renderer alone gives.
TEST(Message, FillsInWithoutChangingALetter) {
  for (const std::string_view letters : {"日本語の文章がここに続きます。", "mostly plain ASCII text goes on here = "}) {
    for (std::size_t lead = 0; lead < 7; ++lead) {
      for (const std::string_view value : {"", "a", "ab", "あ", "line\nbreak ", "x \r\n", "\rz", "ends in blank "}) {
        std::string source(lead, '-');
        source += "{{ contact.v }}";
        for (int i = 0; i < 6; ++i)
          source += std::string(letters) + (i % 2 == 0 ? "{{ contact.v }}" : "\n{{ contact.v }}");
        source += "{{ contact.v }}{{ contact.v }}x{{ contact.v }}{{ unsubscribe_url }}";
        auto text = parsed({{"subject.txt", "S"}, {"body.txt", source}});
        Recipient to;
        to.fields = {{"v", value}};
        to.unsubscribe_url = "https://u";
        const std::string mail = written(text, options(), to.values());
        expect_wire_form(mail, 120);
        std::string expected = source + "\n";
        for (std::size_t at = expected.find("{{ c"); at != expected.npos; at = expected.find("{{ c", at)) {
          expected.replace(at, 15, value);
        }
        expected.replace(expected.find("{{ u"), 21, "https://u");
        std::string normal;
        mail::append_crlf(normal, expected);
        EXPECT_EQ(mail::read_mail(mail)->parts[0].content, normal) << mail;
      }
    }
  }
}

TEST(Message, SurvivesHostileValues) {
  const std::vector<std::string> hostile = {"a\r\nBcc: victim@example.jp\r\n\r\n<body>",
                                            std::string("nul\0byte", 8),
                                            std::string(100'000, 'x'),
                                            "\u202Egnp.exe",
                                            "\xed\xa0\x80\xff\xfe",
                                            "=?UTF-8?B?QmNjOg==?= =?x?q?=0D=0A?=",
                                            "<script>alert(1)</script>\"'&",
                                            "{{ contact.city }}{% if %}",
                                            ".\r\n.\r\nQUIT\r\n",
                                            "--=_todoku_0000000000000000_1--",
                                            std::string(3000, '\xe3')};
  auto message = CompiledMessage::compile(newsletter(), options());
  ASSERT_TRUE(message);
  MessageWriter writer(*message);
  for (const std::string& value : hostile) {
    Recipient to;
    to.name = value;
    to.fields = {{"city", value}, {"points", value}, {value, value}};
    std::string out;
    auto r = writer.write(to.values(), out);
    ASSERT_TRUE(r) << r.error().text();
    expect_wire_form(out, 998);
    const auto read = mail::read_mail(out);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->field("Bcc"), "");
    EXPECT_EQ(read->fields.size(), 13u);
    EXPECT_EQ(read->parts.size(), 4u);
    const std::string html = read->part("text/html")->content;
    EXPECT_THAT(html, Not(HasSubstr("<script>")));
    EXPECT_TRUE(mail::is_utf8(html));
    if (value.size() < 1000) EXPECT_THAT(read->field("Subject"), HasSubstr("7月号"));
    EXPECT_LE(read->field("Subject").size(), 1000u);
    if (value.starts_with("=?")) EXPECT_EQ(read->field("Subject"), value + "様、7月号のお知らせ");
    if (value.starts_with("{{")) EXPECT_THAT(html, HasSubstr("{{ contact.city }}{% if %}"));
  }
}

TEST(Message, RefusesUnfitIdsAndUrls) {
  auto message = CompiledMessage::compile(newsletter(), options());
  MessageWriter writer(*message);
  std::string out = "kept";
  const auto refuse = [&](auto change) {
    Recipient to;
    change(to);
    EXPECT_FALSE(writer.write(to.values(), out));
    EXPECT_EQ(out, "kept");
  };
  refuse([](Recipient& to) { to.id = "a b"; });
  refuse([](Recipient& to) { to.id = "a>\r\nX: y"; });
  refuse([](Recipient& to) { to.unsubscribe_url = "https://x\r\nBcc: y"; });
  refuse([](Recipient& to) { to.unsubscribe_url = "https://x>, <mailto:y"; });
  refuse([](Recipient& to) { to.mailto = "a@b>,<c"; });
  refuse([](Recipient& to) { to.trace = "日本"; });
  auto bad = options();
  bad.list_id = "Name <a b>";
  EXPECT_FALSE(CompiledMessage::compile(newsletter(), bad));
  bad = options();
  bad.feedback_id = "a\r\nb";
  EXPECT_FALSE(CompiledMessage::compile(newsletter(), bad));
}

TEST(Message, EndsAtTheLimitsOfTheMergeLanguage) {
  auto endless = parsed({{"subject.txt", "S"}, {"body.txt", "{% for i in (1..99999999) %}x{% endfor %}"}});
  auto message = CompiledMessage::compile(endless, options());
  MessageWriter writer(*message);
  std::string out;
  const Recipient to;
  auto r = writer.write(to.values(), out);
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, base::ErrorCode::limit);
  EXPECT_THAT(r.error().where, HasSubstr("body.txt:1:"));
}

TEST(Message, SaysWhenItNeedsSmtputf8) {
  auto message = CompiledMessage::compile(parsed({{"subject.txt", "S"}, {"body.txt", "plain"}}), options());
  MessageWriter writer(*message);
  Recipient to;
  std::string out;
  EXPECT_FALSE(*writer.write(to.values(), out));
  to.address = *mail::parse_address("佐藤@example.jp");
  EXPECT_TRUE(*writer.write(to.values(), out));
  to.address = *mail::parse_address("a..b@docomo.ne.jp");
  out.clear();
  EXPECT_FALSE(*writer.write(to.values(), out));
  EXPECT_THAT(out, HasSubstr("<\"a..b\"@docomo.ne.jp>"));
}

TEST(Message, TakesTheTemplatesSenderFirst) {
  auto own =
      parsed({{"a.txt",
               "---\nsubject: S\nfrom: 別の部 <other@example.jp>\nreply-to: r@example.jp\n---\n{{ sender.name }}\n"}});
  const Recipient to;
  const auto read = mail::read_mail(written(own, options(), to.values()));
  EXPECT_EQ(read->field("From"), "別の部 <other@example.jp>");
  EXPECT_EQ(read->field("Reply-To"), "r@example.jp");
  EXPECT_THAT(read->parts[0].content, HasSubstr("別の部"));
}

TEST(Message, HidesThePreheader) {
  auto with = parsed({{"template.toml", "subject = \"S\"\npreheader = \"先に {{ contact.name }}\""},
                      {"body.html", "<html><body class=x><p>text</p></body></html>"}});
  const Recipient to;
  const auto read = mail::read_mail(written(with, options(), to.values()));
  EXPECT_THAT(read->part("text/html")->content,
              HasSubstr("<body class=x><div style=\"display:none;max-height:0;overflow:hidden;mso-hide:all\">先に 佐藤 "
                        "花子</div><p>"));
  EXPECT_THAT(read->part("text/plain")->content, Not(HasSubstr("先に")));
}

}  // namespace
}  // namespace todoku::campaign
