#include "campaign/liquid.h"

#include <gmock/gmock.h>

namespace todoku::campaign::liquid {
namespace {

using testing::HasSubstr;

struct Reader {
  Array items = {Value("りんご"), Value("みかん"), Value("ぶどう")};
  Object contact = {{"name", "花子 <b>"}, {"age", "20"},        {"city", "東京都"},         {"empty", ""},
                    {"blank", " \u3000"}, {"会社名", "とどく"}, {"会社 名", Value("空白")}, {"joined", "2024-07-01"}};
  Object names = {
      {"contact", Value(&contact)}, {"items", Value(&items)}, {"n", Value(std::int64_t{7})}, {"html", "<i>x</i>"}};
  RenderInput input{names, base::from_stored(1'719'792'000'000), 540};  // 2024-07-01T00:00:00Z
};

std::string render(std::string_view text, bool html = false, const Limits& limits = {}) {
  auto program = Program::compile({text, "t", 1}, html, limits);
  if (!program) return "COMPILE " + program.error().text();
  Reader reader;
  Renderer renderer;
  std::string whole;
  auto r = renderer.render(*program, reader.input, whole);
  if (!r) return "RENDER " + r.error().text();
  // In pieces it is the same.
  std::string pieces;
  renderer.begin(*program, reader.input);
  for (const Segment& segment : program->segments()) {
    if (segment.fixed) {
      pieces += segment.text;
    } else {
      EXPECT_TRUE(renderer.segment(segment, pieces));
    }
  }
  EXPECT_EQ(pieces, whole) << text;
  return whole;
}

struct Case {
  std::string_view source;
  std::string_view result;
};

TEST(Liquid, WritesFieldsThroughFilters) {
  for (const auto& [source, result] : std::initializer_list<Case>{
           {"plain } text %} {", "plain } text %} {"},
           {"{{ contact.name }}さん", "花子 <b>さん"},
           {"{{contact.nobody|default:\"お客様\"}}", "お客様"},
           {"{{ contact.empty | default: 'お客様' }}", "お客様"},
           {"{{ contact.blank | default: 'お客様' }}", "お客様"},
           {"{{ contact.会社名 }}{{ contact[\"会社 名\"] }}", "とどく空白"},
           {"{{ contact['na' ]}}x", "x"},
           {"{{ 'abC' | upcase }}{{ 'ABc' | downcase }}{{ 'hELLO' | capitalize }}", "ABCabcHello"},
           {"[{{ ' \u3000x ' | strip }}][{{ ' x ' | lstrip }}][{{ ' x ' | rstrip }}]", "[x][x ][ x]"},
           {"{{ 'こんにちは世界' | truncate: 5, '…' }}", "こんにち…"},
           {"{{ 'short' | truncate: 5 }}{{ 'longer than that' | truncate: 6 }}", "shortlon..."},
           {"{{ 'a<b' | escape }}", "a&lt;b"},
           {"{{ 'a-b-c' | replace: '-', '+' }}{{ 'a-b-c' | replace_first: '-', '' }}{{ 'a-b' | remove: '-' }}",
            "a+b+cab-cab"},
           {"{{ 'b' | append: 'c' | prepend: 'a' }}", "abc"},
           {"{{ 'あい' | size }}{{ items | size }}{{ items.size }}{{ nothing | size }}", "2330"},
           {"{{ items | first }}{{ items.last }}{{ 'あい' | first }}{{ 'あい' | last }}", "りんごぶどうあい"},
           {"{{ 'a,b,c' | split: ',' | join: '・' }}", "a・b・c"},
           {"{{ 'あい' | split: '' | join: ' ' }}", "あ い"},
           {"{{ 1 | plus: 2 }} {{ '5' | minus: 2 }} {{ 3 | times: 1.5 }} {{ 7 | divided_by: 2 }} {{ -7 | divided_by: 2 "
            "}} "
            "{{ 7 | modulo: 3 }} {{ 7.0 | divided_by: 2 }} {{ 2.5 | round }} {{ 3.14159 | round: 2 }}",
            "3 3 4.5 3 -4 1 3.5 3 3.14"},
           {"[{{ 1 | divided_by: 0 }}{{ 'x' | plus: 1 }}{{ nothing | upcase }}]", "[]"},
           {"{{ 9223372036854775807 | plus: 1 }}", "9.223372036854776e+18"},
           {"{{ '東京 a&b/' | url_encode }}", "%E6%9D%B1%E4%BA%AC+a%26b%2F"},
           {"{{ contact.joined | date: '%Y年%-m月%-d日(%Ea) %EA' }}", "2024年7月1日(月) 月曜日"},
           {"{{ 'now' | date: '%F %T %z %a %b %j %p %I' }}", "2024-07-01 09:00:00 +0900 Mon Jul 183 AM 09"},
           {"{{ '2024-07-01T15:30:05Z' | date: '%d %H:%M:%S %%' }}{{ 'nonsense' | date: '%Y' | default: '-' }}",
            "02 00:30:05 %-"},
           {"{{ '2024/7/1 9:05' | date: '%R' }} {{ 1719792000 | date: '%D' }} {{ '2024年7月1日' | date: '%m%d' }}",
            "09:05 07/01/24 0701"},
           {"{{ '2024-02-30' | date: '%F' | default: 'no' }}", "no"},
           {"{{ n }} {{ true }} {{ nil }}{{ 1.50 }} {{ -3 }}", "7 true 1.5 -3"},
           {"{{ '}}' }}{{ \"%}\" }}", "}}%}"},
       }) {
    EXPECT_EQ(render(source), result) << source;
  }
}

TEST(Liquid, EscapesInHtml) {
  EXPECT_EQ(render("<p>{{ contact.name }}</p>", true), "<p>花子 &lt;b&gt;</p>");
  EXPECT_EQ(render("{{ html | raw }}{{ html | escape }}{{ html }}", true),
            "<i>x</i>&lt;i&gt;x&lt;/i&gt;&lt;i&gt;x&lt;/i&gt;");
  EXPECT_EQ(render("{{ html | raw | append: '<' }}", true), "&lt;i&gt;x&lt;/i&gt;&lt;");
  EXPECT_EQ(render("{{ \"a'\n<\" | newline_to_br }}", true), "a&#39;<br>\n&lt;");
  EXPECT_EQ(render("{{ '<a,b>' | split: ',' }}", true), "&lt;ab&gt;");
}

TEST(Liquid, DecidesAndLoops) {
  for (const auto& [source, result] : std::initializer_list<Case>{
           {"{% if contact.name %}a{% else %}b{% endif %}", "a"},
           {"{% if contact.empty %}a{% elsif contact.age >= 20 %}b{% else %}c{% endif %}", "b"},
           {"{% if contact.age == 20 and contact.city contains '東京' %}y{% endif %}", "y"},
           {"{% if false and false or true %}y{% else %}n{% endif %}", "n"},  // false and (false or true)
           {"{% if true or false and false %}y{% endif %}", "y"},
           {"{% unless contact.nobody %}y{% else %}n{% endunless %}", "y"},
           {"{% unless true %}a{% elsif true %}b{% endunless %}", "b"},
           {"{% if contact.nobody == '' and contact.empty == nil and contact.blank == blank %}y{% endif %}", "y"},
           {"{% if contact.nobody != '' %}y{% else %}n{% endif %}", "n"},
           {"{% if items contains 'みかん' %}y{% endif %}{% if 'b' > 'a' %}z{% endif %}{% if 'x' < 1 %}!{% endif %}",
            "yz"},
           {"{% if 10 > 9 and '10' > 9 and 1 <> 2 and 1 != 2 and 1 <= 1 %}y{% endif %}", "y"},
           {"{% case n %}x{% when 1, 2 %}a{% when 6 or 7 %}b{% else %}c{% endcase %}", "b"},
           {"{% case n %}{% when 1 %}a{% else %}c{% endcase %}{% case n %}{% endcase %}", "c"},
           {"{% for i in items %}{{ forloop.index }}{{ i }}{% unless forloop.last %},{% endunless %}{% endfor %}",
            "1りんご,2みかん,3ぶどう"},
           {"{% for i in items limit: 1 offset: 1 %}{{ i }}{% endfor %}{% for i in items reversed %}{{ i }}{% endfor "
            "%}",
            "みかんぶどうみかんりんご"},
           {"{% for i in nothing %}x{% else %}none{% endfor %}{% for i in (3..1) %}x{% else %}none{% endfor %}",
            "nonenone"},
           {"{% for i in (1..5) %}{% if i == 2 %}{% continue %}{% endif %}{% if i == 4 %}{% break %}{% endif %}{{ i "
            "}}{% endfor %}!",
            "13!"},
           {"{% for i in (1..2) %}{% for j in (1..n) %}{% if j > i %}{% break %}{% endif %}{{ i }}{{ j }} {% endfor "
            "%}{% endfor %}",
            "11 21 22 "},
           {"{% for i in (1..3) %}{{ forloop.rindex }}{{ forloop.index0 }}{{ forloop.first }}{{ forloop.length }};{% "
            "endfor %}",
            "30true3;21false3;12false3;"},
           {"{% for i in (1..2) %}{{ i }}{% else %}x{% endfor %}{{ i }}", "12"},
           {"{% assign x = contact.name | upcase %}{{ x }}{% assign x = 'b' %}{{ x }}", "花子 <B>b"},
           {"{{ n }}{% if false %}{% assign n = 1 %}{% endif %}{{ n }}{% assign n = 2 %}{{ n }}", "772"},
           {"a{% comment %} {{ broken {% if %} {% endcomment %}b{% raw %}{{ x }}{% if %}{% endraw %}c",
            "ab{{ x }}{% if %}c"},
           {"a  {{- 1 -}}  b {%- if true -%}  c  {%- endif -%}  d", "a1bcd"},
           {"a {%- comment -%} x {%- endcomment -%} b {%- raw -%} y {%- endraw -%} c", "abyc"},
           {"{% assign k = 'name' %}{{ contact[k] }}{{ items[0] }}{{ items[-1] }}{{ items[9] }}",
            "花子 <b>りんごぶどう"},
       }) {
    EXPECT_EQ(render(source), result) << source;
  }
}

TEST(Liquid, SaysWhatIsWrongAndWhere) {
  for (const auto& [source, message] : std::initializer_list<Case>{
           {"あ\nいう{{ contact.name", "t:2:3: this {{ is never closed"},
           {"{{ contact.name {{ x }}", "t:1:1: this {{ is never closed"},
           {"{% if x %}", "t:1:4: this {% if %} is never closed (close it with {% endif %})"},
           {"{% if x %}{% for i in y %}{% endif %}",
            "t:1:30: {% endif %} closes nothing (close the {% for %} of t:1:14"},
           {"{% endif %}", "closes nothing"},
           {"{{ }}", "nothing stands between the braces"},
           {"{{ x | upcas }}", "t:1:8: there is no filter \"upcas\" (did you mean \"upcase\"?)"},
           {"{{ x | zzzzzzzz }}", "there is no filter \"zzzzzzzz\" (see"},
           {"{% fi x %}{% endif %}", "is too much here"},
           {"{% esle %}", "there is no tag \"esle\" (did you mean \"else\"?)"},
           {"{% endiff %}", "did you mean \"endif\"?"},
           {"{{ x y }}", "t:1:6: \"y\" is too much here"},
           {"{% if x = 1 %}{% endif %}", "compare with =="},
           {"{{ x | default }}", "takes 1 arguments, not 0"},
           {"{{ x | truncate: 1, 2, 3 }}", "takes 0 to 2 arguments, not 3"},
           {"{{ x | default: }}", "a name, a number or a text in quotes should stand here, not the end"},
           {"{{ “x” }}", "t:1:4: the character “ means nothing here (type quotes"},
           {"{{ x ｜ upcase }}", "the character ｜"},
           {"{{ 'x }}", "never closed"},
           {"{{ x.1 }}", "a name should stand here"},
           {"{{ x[1 }}", "\"]\" should stand here"},
           {"{{ x # y }}", "the character # means nothing"},
           {"{% else %}", "an else without its if"},
           {"{% elsif x %}", "an elsif without"},
           {"{% when 1 %}", "a when without"},
           {"{% if a %}{% else %}{% else %}{% endif %}", "an else without"},
           {"{% break %}", "outside a loop"},
           {"{% for x of y %}{% endfor %}", "\"in\" should stand here"},
           {"{% for x in y limit 3 %}{% endfor %}", "\":\" should stand here"},
           {"{% for x in y every: 3 %}{% endfor %}", "no option of a loop"},
           {"{% assign x %}", "\"=\" should stand here"},
           {"{% raw %}{{", "this {% raw %} is never closed"},
           {"{% comment %}", "this {% comment %} is never closed"},
           {"{% %}", "a name should stand here"},
           {"{% if x | upcase %}{% endif %}", "a filter cannot stand in a condition"},
           {"ab\xff", "t:1:3: these bytes are not UTF-8"},
           {"{{ x[x[x[x[x[x[x[x[x[x[x[x[x[x[x[x[x[x[1]]]]]]]]]]]]]]]]]] }}", "nested too deep"},
       }) {
    EXPECT_THAT(render(source), HasSubstr(message)) << source;
    EXPECT_TRUE(render(source).starts_with("COMPILE ")) << source;
  }
  auto program = Program::compile({"a\n{{ x | nope }}", "mail.html", 5}, true);
  EXPECT_EQ(program.error().where, "mail.html:6:8");
}

TEST(Liquid, EndsAtItsLimits) {
  EXPECT_THAT(render("{% for i in (1..999999999) %}{% endfor %}"), HasSubstr("RENDER t:1:"));
  EXPECT_THAT(render("{% for i in (1..999999999) %}{% endfor %}"), HasSubstr("steps"));
  EXPECT_THAT(render("{% for i in (1..50000) %}" + std::string(1000, 'x') + "{% endfor %}"), HasSubstr("grows beyond"));
  EXPECT_THAT(render("{% assign s = 'xxxxxxxx' %}{% for i in (1..60) %}{% assign s = s | append: s %}{% endfor %}"),
              HasSubstr("makes texts beyond"));
  EXPECT_THAT(
      render("{% assign s = 'xx' %}{% for i in (1..60) %}{% assign s = s | replace: 'x', 'xxxxxxxx' %}{% endfor %}"),
      HasSubstr("makes texts beyond"));
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "{% if true %}";
  EXPECT_THAT(render(deep), HasSubstr("nested deeper than 64"));
  EXPECT_THAT(render(std::string(10'000'000, 'x'))  // NOLINT(bugprone-string-constructor)
              ,
              HasSubstr("COMPILE t: the template is 10000000 octets long"));
  std::string many = "{{ x ";
  for (int i = 0; i < 100'000; ++i) many += "| upcase ";
  EXPECT_EQ(render(many + "}}"), "");
}

TEST(Liquid, NamesWhatItUses) {
  auto program = Program::compile({"{% assign a = 1 %}{{ a }}{{ contact.nmae | default: sender.name }}\n{% for i in "
                                   "items %}{{ i.x }}{{ forloop.index }}"
                                   "{% endfor %}",
                                   "t", 1},
                                  false);
  ASSERT_TRUE(program);
  ASSERT_EQ(program->uses().size(), 3u);
  EXPECT_EQ(program->uses()[0].root, "contact");
  EXPECT_EQ(program->uses()[0].path, std::vector<std::string>{"nmae"});
  EXPECT_EQ(program->uses()[0].where, "t:1:29");
  EXPECT_EQ(program->uses()[1].root, "sender");
  EXPECT_EQ(program->uses()[2].where, "t:2:13");
  EXPECT_FALSE(program->fixed());
  EXPECT_TRUE(Program::compile({"plain {% comment %}x{% endcomment %}", "t", 1}, false)->fixed());
}

}  // namespace
}  // namespace todoku::campaign::liquid
