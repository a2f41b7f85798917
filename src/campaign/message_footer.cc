#include "campaign/message_footer.h"

#include "mail/html_scanner.h"

namespace todoku::campaign {
namespace {

// Law on Regulation of Transmission of Specified Electronic Mail, article 4: who sends, a way to refuse, the postal
// address, and where to ask and complain.
constexpr std::string_view kJapaneseText =
    "\n-- \n{{ sender.name | default: sender.address }}\n"
    "{% if sender.postal_address %}{{ sender.postal_address }}\n{% endif %}"
    "{% if sender.contact %}お問い合わせ・苦情: {{ sender.contact }}\n{% endif %}"
    "配信停止: {{ unsubscribe_url }}\n";
constexpr std::string_view kEnglishText =
    "\n-- \n{{ sender.name | default: sender.address }}\n"
    "{% if sender.postal_address %}{{ sender.postal_address }}\n{% endif %}"
    "{% if sender.contact %}Questions and complaints: {{ sender.contact }}\n{% endif %}"
    "Unsubscribe: {{ unsubscribe_url }}\n";
constexpr std::string_view kJapaneseHtml =
    "<div style=\"margin:32px 0 16px;padding-top:12px;border-top:1px solid "
    "#ccc;font-size:12px;line-height:1.6;color:#595959\">"
    "{{ sender.name | default: sender.address }}<br>"
    "{% if sender.postal_address %}{{ sender.postal_address | newline_to_br }}<br>{% endif %}"
    "{% if sender.contact %}お問い合わせ・苦情: {{ sender.contact }}<br>{% endif %}"
    "<a href=\"{{ unsubscribe_url }}\" style=\"color:#595959\">配信停止はこちら</a></div>";
constexpr std::string_view kEnglishHtml =
    "<div style=\"margin:32px 0 16px;padding-top:12px;border-top:1px solid "
    "#ccc;font-size:12px;line-height:1.6;color:#595959\">"
    "{{ sender.name | default: sender.address }}<br>"
    "{% if sender.postal_address %}{{ sender.postal_address | newline_to_br }}<br>{% endif %}"
    "{% if sender.contact %}Questions and complaints: {{ sender.contact }}<br>{% endif %}"
    "<a href=\"{{ unsubscribe_url }}\" style=\"color:#595959\">Unsubscribe</a></div>";

constexpr std::string_view kJapaneseDownloads =
    "\n■ 添付ファイルは次のリンクからダウンロードできます(期限: {{ downloads_until }})\n"
    "{% for file in downloads %}{{ file.name }} ({{ file.size }})\n{{ file.url }}\n{% endfor %}";
constexpr std::string_view kEnglishDownloads =
    "\nThe attachments can be downloaded until {{ downloads_until }}:\n"
    "{% for file in downloads %}{{ file.name }} ({{ file.size }})\n{{ file.url }}\n{% endfor %}";
constexpr std::string_view kJapaneseHtmlDownloads =
    "<div style=\"margin:24px 0\"><p>添付ファイルは次のリンクからダウンロードできます(期限: {{ downloads_until "
    "}})</p><ul>\n"
    "{% for file in downloads %}<li><a href=\"{{ file.url }}\">{{ file.name }}</a> ({{ file.size }})</li>\n"
    "{% endfor %}</ul></div>";
constexpr std::string_view kEnglishHtmlDownloads =
    "<div style=\"margin:24px 0\"><p>The attachments can be downloaded until {{ downloads_until }}:</p><ul>\n"
    "{% for file in downloads %}<li><a href=\"{{ file.url }}\">{{ file.name }}</a> ({{ file.size }})</li>\n"
    "{% endfor %}</ul></div>";

/// Where the body's content begins and ends.
struct BodyExtent {
  std::size_t begin = 0;
  std::size_t end = 0;
};

BodyExtent body_extent(std::string_view html) {
  BodyExtent extent{0, html.size()};
  mail::HtmlScanner scanner(html);
  for (mail::HtmlPiece piece; scanner.next(piece);) {
    if (piece.name != "body") continue;
    const auto at = static_cast<std::size_t>(piece.source.data() - html.data());
    if (piece.kind == mail::HtmlPiece::Kind::open) extent.begin = at + piece.source.size();
    if (piece.kind == mail::HtmlPiece::Kind::close) extent.end = at;
  }
  return extent;
}

}  // namespace

void append_text_footer(SourceText& text, std::string_view language) {
  if (!text.text.ends_with('\n')) text.text += '\n';
  text.text += language == "en" ? kEnglishText : kJapaneseText;
}

void append_html_footer(SourceText& html, std::string_view language) {
  html.text.insert(body_extent(html.text).end, language == "en" ? kEnglishHtml : kJapaneseHtml);
}

void append_text_downloads(SourceText& text, std::string_view language) {
  if (!text.text.ends_with('\n')) text.text += '\n';
  text.text += language == "en" ? kEnglishDownloads : kJapaneseDownloads;
}

void append_html_downloads(SourceText& html, std::string_view language) {
  html.text.insert(body_extent(html.text).end, language == "en" ? kEnglishHtmlDownloads : kJapaneseHtmlDownloads);
}

void insert_preheader(SourceText& html, const SourceText& preheader) {
  if (preheader.text.empty()) return;
  html.text.insert(
      body_extent(html.text).begin,
      "<div style=\"display:none;max-height:0;overflow:hidden;mso-hide:all\">" + preheader.text + "</div>");
}

}  // namespace todoku::campaign
