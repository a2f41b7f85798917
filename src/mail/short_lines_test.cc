#include "mail/short_lines.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "mail/html_text.h"
#include "mail/reflow.h"

namespace todoku::mail {
namespace {

using testing::HasSubstr;

std::size_t longest_line(std::string_view text) {
  std::size_t longest = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    longest = std::max(longest, end);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return longest;
}

/// As a reader does (RFC 3676 section 4.5, DelSp=yes).
std::string read(std::string_view flowed) {
  std::string out;
  while (!flowed.empty()) {
    const std::size_t end = flowed.find('\n');
    std::string_view line = flowed.substr(0, end);
    if (line.starts_with(' ')) line.remove_prefix(1);
    const bool soft = line.ends_with(' ') && line != "-- ";
    out += soft ? line.substr(0, line.size() - 1) : line;
    if (end == flowed.npos) break;
    if (!soft) out += '\n';
    flowed.remove_prefix(end + 1);
  }
  return out;
}

std::string repeated(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST(Flowed, IsReadAsItWas) {
  for (const std::string& text :
       {std::string("short\n\nlines\n"), repeated("word ", 100) + "end\n", repeated("とどく", 100) + "\n",
        repeated("x", 1000), repeated("> quoted ", 50) + "too\n", "  indented " + repeated("text ", 50) + "so\n",
        "From here\n>mark\n" + repeated("From ", 40) + "there\n", "text\n-- \nwho " + repeated("ab ", 40) + "wrote\n",
        std::string(200, ' ') + repeated("far ", 30) + "out", std::string("\n\n"), std::string()}) {
    const std::string made = flowed(text);
    EXPECT_LE(longest_line(made), kShortestLimit) << made;
    EXPECT_EQ(read(made), text);
  }
  EXPECT_EQ(flowed("crlf\r\nand blanks   \r\n"), "crlf\nand blanks\n");
}

TEST(Flowed, KeepsLettersWholeWithWhatBelongsToThem) {
  const std::string family = "👨‍👩‍👧が\xE3\x82\x99";
  const std::string made = flowed(repeated(family, 20));
  for (std::size_t at = made.find('\n'); at != made.npos; at = made.find('\n', at + 1)) {
    const std::string_view next = std::string_view(made).substr(at + 1);
    EXPECT_TRUE(next.starts_with("👨") || next.starts_with("が")) << next.substr(0, 20);
  }
}

/// Without what was put in, and with every white space alike.
std::string essence(std::string html) {
  for (std::size_t at = html.find("<!--\n-->"); at != html.npos; at = html.find("<!--\n-->")) html.erase(at, 8);
  std::string out;
  for (const char c : html) {
    const bool white = c == '\n' || c == ' ';
    if (white && (out.empty() || out.back() == ' ')) continue;
    if (c == '>' && out.ends_with(' ')) out.pop_back();
    out += white ? ' ' : c;
  }
  return out;
}

void expect_short(const std::string& html) {
  const std::string made = html_in_short_lines(html);
  EXPECT_LE(longest_line(made), kShortestLimit) << made;
  EXPECT_EQ(essence(made), essence(html));
  EXPECT_EQ(html_to_text(made), html_to_text(html));
  EXPECT_EQ(html_in_short_lines(made), made) << "once is enough";
}

TEST(HtmlInShortLines, BreaksWhereNothingChanges) {
  expect_short("<p>" + repeated("word ", 100) + "</p>");
  expect_short("<p>" + repeated("とどく", 200) + "</p>");
  expect_short(repeated("<td class=\"a b\"><b>x</b></td>", 50));
  expect_short("<p>" + repeated("日本&amp;語&nbsp;", 50) + "</p>");
  expect_short("<a href=\"https://example.jp/1\" title='a > b' class=wide style=\"color: red\">x</a> " +
               repeated("and <i>so</i> on", 30));
  expect_short("a < b " + repeated("{ c } ", 60));
}

TEST(HtmlInShortLines, BreaksStylesBehindTheirMarks) {
  const std::string css = repeated("td.a,td.b{color:#333;background:url(data:a;b,c)}", 20);
  const std::string made = html_in_short_lines("<style>" + css + "</style>");
  EXPECT_LE(longest_line(made), kShortestLimit) << made;
  EXPECT_THAT(made, HasSubstr("url(data:a;b,c)"));
  std::string joined = made;
  std::erase(joined, '\n');
  EXPECT_EQ(joined, "<style>" + css + "</style>");
  const std::string inside =
      html_in_short_lines("<p style=\"" + repeated("color:red;font-family:'A; B';", 20) + "\">x</p>");
  EXPECT_LE(longest_line(inside), kShortestLimit) << inside;
  EXPECT_THAT(inside, Not(HasSubstr("A;\n")));
}

TEST(HtmlInShortLines, LeavesAloneWhatWouldChange) {
  for (const std::string& html :
       {"<pre>" + repeated("as it is ", 30) + "</pre>", "<script>" + repeated("a = 1; ", 30) + "</script>",
        "<textarea>" + repeated("blanks ", 30) + "</textarea>",
        "<!--[if mso]>" + repeated("<td> ", 40) + "<![endif]-->",
        "<img alt=\"" + repeated("one picture ", 20) + "\">"}) {
    std::string made = html_in_short_lines(html);
    EXPECT_GT(longest_line(made), 150U);
    for (std::size_t at = made.find("<!--\n-->"); at != made.npos; at = made.find("<!--\n-->")) made.erase(at, 8);
    for (std::size_t at = made.find("\n>"); at != made.npos; at = made.find("\n>")) made.erase(at, 1);
    std::ranges::replace(made, '\n', ' ');
    EXPECT_EQ(made, html);
  }
}

TEST(HtmlInShortLines, TakesAnything) {
  for (const std::string& html : {std::string(), std::string("<"), std::string("<p"), std::string("<p a='"),
                                  std::string("<style>a{/*"), std::string("<style>\"\\"), std::string("&&&&"),
                                  "<p " + std::string(300, '\xe3'), std::string("</pre></style>x")}) {
    EXPECT_EQ(essence(html_in_short_lines(html)), essence(html));
  }
}

}  // namespace
}  // namespace todoku::mail
