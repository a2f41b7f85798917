#include "mail/html_text.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "mail/html_scanner.h"

namespace todoku::mail {
namespace {

using Kind = HtmlPiece::Kind;

template <std::size_t n>
constexpr bool any_of(std::string_view name, const std::array<std::string_view, n>& names) {
  return std::ranges::find(names, name) != names.end();
}

constexpr auto kParagraphs =
    std::to_array<std::string_view>({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote", "pre",
                                     "dl", "hr", "form", "article", "section", "header", "footer"});
constexpr auto kLines = std::to_array<std::string_view>(
    {"div", "tr", "li", "dt", "dd", "center", "address", "body", "html", "tbody", "thead", "main", "figure", "nav"});
constexpr auto kSkipped =
    std::to_array<std::string_view>({"style", "script", "title", "head", "textarea", "svg", "noscript", "object"});
constexpr auto kVoid = std::to_array<std::string_view>(
    {"br", "hr", "img", "input", "meta", "link", "area", "base", "col", "wbr", "embed", "source"});

/// Text that is gathered with its blanks made one and its blank lines at most one.
class Lines {
 public:
  void words(std::string_view text, bool preformatted) {
    for (const char c : text) {
      if (preformatted && c == '\n') {
        end_lines(1);
      } else if (base::ascii_space(c) && !preformatted) {
        blank_ = true;
      } else if (c != '\r') {
        put(c);
      }
    }
  }
  void verbatim(std::string_view text) {
    if (text.empty()) return;
    flush();
    text_ += text;
  }
  /// What the reader of the text will not see.
  void unseen(std::string_view text) { text_ += text; }
  void blank() { blank_ = true; }
  /// At least so many line ends before what comes next.
  void end_lines(int n) {
    breaks_ = std::max(breaks_, n);
    blank_ = false;
  }
  void line_break() {
    breaks_ = std::min(breaks_ + 1, 2);
    blank_ = false;
  }
  [[nodiscard]] bool on_a_line() const { return !text_.empty() && breaks_ == 0; }
  [[nodiscard]] std::size_t size() const { return text_.size(); }
  [[nodiscard]] std::string_view since(std::size_t at) const { return std::string_view(text_).substr(at); }
  [[nodiscard]] std::string finish() && {
    if (!text_.empty()) text_ += '\n';
    return std::move(text_);
  }

 private:
  void put(char c) {
    flush();
    text_ += c;
  }
  void flush() {
    if (!text_.empty() && breaks_ > 0) {
      text_.append(static_cast<std::size_t>(breaks_), '\n');
    } else if (!text_.empty() && blank_) {
      text_ += ' ';
    }
    breaks_ = 0;
    blank_ = false;
  }

  std::string text_;
  int breaks_ = 0;
  bool blank_ = false;
};

class Converter {
 public:
  std::string convert(std::string_view html) {
    HtmlScanner scanner(html);
    for (HtmlPiece piece; scanner.next(piece);) {
      if (piece.kind == Kind::open) {
        open(piece);
      } else if (piece.kind == Kind::close) {
        close(piece);
      } else if (piece.kind == Kind::merge_tag) {
        // Logic stays even in what is left out: an assign in the head may be used below.
        if (skipping_.empty()) {
          lines_.verbatim(piece.source);
        } else if (piece.source.starts_with("{%")) {
          lines_.unseen(piece.source);
        }
      } else if (piece.kind == Kind::text && skipping_.empty()) {
        lines_.words(unescape_html(piece.source), preformatted_ > 0);
      }
    }
    return std::move(lines_).finish();
  }

 private:
  struct Link {
    std::string target;
    std::size_t text_begins;
  };

  void open(const HtmlPiece& piece) {
    const std::string& name = piece.name;
    if (!skipping_.empty()) {
      if (name == skipping_) ++skip_depth_;
      return;
    }
    if (!any_of(name, kVoid) && (any_of(name, kSkipped) || hidden(piece.source))) {
      skipping_ = name;
      skip_depth_ = 1;
      return;
    }
    if (name == "br") return lines_.line_break();
    if (name == "img") return lines_.words(unescape_html(attribute(piece.source, "alt")), false);
    if (name == "a") return open_link(piece.source);
    if (name == "td" || name == "th") return lines_.blank();
    boundary(name);
    if (name == "pre") ++preformatted_;
    if (name == "ol" || name == "ul") lists_.push_back(name == "ol" ? 1 : 0);
    if (name == "li") lines_.verbatim(mark());
    if (name == "hr") {
      lines_.verbatim("----------------------------------------");
      lines_.end_lines(2);
    }
  }

  void close(const HtmlPiece& piece) {
    const std::string& name = piece.name;
    if (!skipping_.empty()) {
      if (name == skipping_ && --skip_depth_ == 0) skipping_.clear();
      return;
    }
    if (name == "a") return close_link();
    if (name == "pre" && preformatted_ > 0) --preformatted_;
    if ((name == "ol" || name == "ul") && !lists_.empty()) lists_.pop_back();
    boundary(name);
  }

  void boundary(const std::string& name) {
    const bool inner_list = (name == "ul" || name == "ol") && !lists_.empty();
    if (any_of(name, kParagraphs) && !inner_list) return lines_.end_lines(2);
    if (any_of(name, kLines) || inner_list) lines_.end_lines(1);
  }

  std::string mark() {
    if (lists_.empty()) return "- ";
    std::string indent(2 * (lists_.size() - 1), ' ');
    if (lists_.back() == 0) return indent + "- ";
    return indent + std::to_string(lists_.back()++) + ". ";
  }

  static bool hidden(std::string_view tag) {
    std::string style = base::ascii_lower(attribute(tag, "style"));
    std::erase_if(style, [](char c) { return base::ascii_space(c); });
    return style.find("display:none") != style.npos;
  }

  void open_link(std::string_view tag) {
    link_ = {std::string(base::trim(unescape_html(attribute(tag, "href")))), lines_.size()};
  }

  /// "text (target)", or the target alone where the text is the same.
  void close_link() {
    const std::string target = std::exchange(link_.target, {});
    std::string_view shown = lines_.since(std::min(link_.text_begins, lines_.size()));
    shown = base::trim(shown);
    const bool leads_nowhere = target.empty() || target.starts_with('#') || base::istarts_with(target, "javascript:");
    if (leads_nowhere || shown == target || "mailto:" + std::string(shown) == target) return;
    if (shown.empty()) return lines_.verbatim(target);
    lines_.blank();
    lines_.verbatim("(" + target + ")");
  }

  Lines lines_;
  Link link_{};
  std::vector<int> lists_;  // the next number, 0 for a list without
  std::string skipping_;    // inside this element, so deep
  int skip_depth_ = 0;
  int preformatted_ = 0;
};

}  // namespace

std::string html_to_text(std::string_view html) { return Converter().convert(html); }

}  // namespace todoku::mail
