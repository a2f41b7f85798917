#include "mail/html_text.h"

#include <gtest/gtest.h>

namespace todoku::mail {
namespace {

TEST(HtmlText, ReadsLikeThePage) {
  EXPECT_EQ(html_to_text(R"(<!DOCTYPE html><html><head><title>No</title><style>p{color:red}</style></head><body>
<h1>春の お知らせ</h1>
<p>こんにちは、<b>花子</b>さん。<br>お元気ですか&nbsp;&amp; &lt;ok&gt; &#12354;&#x3044;</p>
<ul><li>一つ</li><li>二つ<ul><li>深い</li></ul></li></ul><ol><li>first</li><li>second</li></ol>
<p><a href="https://example.jp/?a=1&amp;b=2">詳しく</a> <a href="https://example.jp">https://example.jp</a>
<a href="mailto:a@example.jp">a@example.jp</a><a href="#top">top</a></p>
<img src="x.png" alt="ロゴ"><hr><script>alert(1 < 2)</script>
<div style="display: none">preheader <div>deep</div></div><!-- no -->
<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table><pre>x
  y</pre></body></html>)"),
            "春の お知らせ\n\nこんにちは、花子さん。\nお元気ですか\u00A0& <ok> あい\n\n- 一つ\n- 二つ\n  - 深い\n\n"
            "1. first\n2. second\n\n詳しく (https://example.jp/?a=1&b=2) https://example.jp a@example.jptop\n\nロゴ\n\n"
            "----------------------------------------\n\na b\nc\n\nx\n  y\n");
}

TEST(HtmlText, KeepsMergeTagsWhereTheyStand) {
  EXPECT_EQ(html_to_text(R"(<table>{% for item in items %}<tr><td>{{ item.name | default: "<b>" }}</td></tr>{% endfor %}
</table><p><a href="{{ url }}?x={{ "a>b" }}">go</a> {% if a < b %}less{% endif %}</p>)"),
            R"({% for item in items %}
{{ item.name | default: "<b>" }}
{% endfor %}

go ({{ url }}?x={{ "a>b" }}) {% if a < b %}less{% endif %}
)");
}

TEST(HtmlText, TakesAnything) {
  EXPECT_EQ(html_to_text(""), "");
  EXPECT_EQ(html_to_text("a < b & c"), "a < b & c\n");
  EXPECT_EQ(html_to_text("<p"), "");
  EXPECT_EQ(html_to_text("<a href='x"), "");
  EXPECT_EQ(html_to_text("</p></ul></a>x{{ y"), "x{{ y\n");
  EXPECT_EQ(html_to_text("<!-- open"), "");
  EXPECT_EQ(html_to_text("<style>never closed"), "");
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<div><ul>";
  EXPECT_EQ(html_to_text(deep + "x"), "x\n");
}

}  // namespace
}  // namespace todoku::mail
