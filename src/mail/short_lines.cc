#include "mail/short_lines.h"

#include <algorithm>
#include <cstdint>

#include "base/ascii.h"
#include "mail/html_scanner.h"
#include "mail/reflow.h"
#include "mail/utf8.h"

namespace todoku::mail {
namespace {

constexpr std::size_t kLimit = kShortestLimit;
constexpr std::size_t npos = std::string_view::npos;

bool is_white(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

/// Characters that belong to the one before.
bool clings(std::string_view rest) {
  const char32_t c = utf8_take(rest);
  return (c >= 0x0300 && c <= 0x036F) || c == 0x200D || c == 0x3099 || c == 0x309A || (c >= 0xFE00 && c <= 0xFE0F) ||
         (c >= 0x1F3FB && c <= 0x1F3FF) || (c >= 0xE0100 && c <= 0xE01EF);
}

/// How much of a word of more than `room` bytes goes before a break: whole characters, with what clings to them, and
/// whole character references.
std::size_t part_of_word(std::string_view word, std::size_t room, bool html) {
  std::size_t fits = 0;
  for (std::size_t at = 0; at < word.size();) {
    std::size_t next = at + utf8_sequence_length(static_cast<unsigned char>(word[at]));
    const std::size_t reference = html && word[at] == '&' ? word.substr(at, 12).find(';') : npos;
    if (reference != npos) next = at + reference + 1;
    next = std::min(next, word.size());
    if (next > room && fits > 0) return fits;
    const bool joined = next >= 3 && word.substr(next - 3, 3) == "\xE2\x80\x8D";  // a zero-width joiner
    if (next == word.size() || (!joined && !clings(word.substr(next)))) fits = next;
    at = next;
  }
  return fits;
}

/// RFC 3676 section 4.4: such a line would be read as something else.
bool needs_stuffing(std::string_view line) {
  return line.starts_with(' ') || line.starts_with('>') || line.starts_with("From ");
}

void append_flowed_line(std::string& out, std::string_view line) {
  while (line.ends_with(' ')) line.remove_suffix(1);
  for (;;) {
    const std::size_t stuffing = needs_stuffing(line) ? 1 : 0;
    out.append(stuffing, ' ');
    if (line.size() + stuffing <= kLimit) break;
    const std::size_t room = kLimit - stuffing - 1;
    const std::size_t blank = line.substr(0, room).rfind(' ');
    // Not before the line's first word: such a line would be nothing but blanks.
    const bool between_words = blank != npos && line.find_first_not_of(' ') < blank;
    const std::size_t size = between_words ? blank + 1 : part_of_word(line, room, false);
    out += line.substr(0, size);
    out += " \n";
    line.remove_prefix(size);
  }
  out += line;
}

/// HTML as it grows; knows how long its last line is.
class ShortLines {
 public:
  enum class Before : std::uint8_t {
    nothing,  // no break may stand before
    white,    // it begins with white space that a line end can stand for
    inside,   // within a tag or a style sheet: a line end may be put in
    comment,  // between letters or tags: one with a line end may be put in
  };

  void add(std::string_view text, Before before) {
    const std::size_t size = std::min(text.find('\n'), text.size());
    if (before != Before::nothing && column() > 0 && column() + size + kCommentBegin.size() > kLimit) {
      if (before == Before::white) text.remove_prefix(1);
      if (before == Before::comment) out_ += kCommentBegin;
      out_ += '\n';
      line_ = out_.size();
      if (before == Before::comment) out_ += kCommentEnd;
    }
    out_ += text;
    if (const std::size_t end = text.rfind('\n'); end != npos) line_ = out_.size() - (text.size() - end - 1);
  }

  [[nodiscard]] std::string take() && { return std::move(out_); }

 private:
  static constexpr std::string_view kCommentBegin = "<!--";
  static constexpr std::string_view kCommentEnd = "-->";

  [[nodiscard]] std::size_t column() const { return out_.size() - line_; }

  std::string out_;
  std::size_t line_ = 0;  // where the last line begins
};

class HtmlLines {
 public:
  std::string written(std::string_view html) {
    HtmlScanner scanner(html);
    for (HtmlPiece piece; scanner.next(piece);) add(piece);
    return std::move(lines_).take();
  }

 private:
  using Before = ShortLines::Before;
  static constexpr std::size_t kLongestWord = kLimit - 12;  // beside both halves of a comment

  void add(const HtmlPiece& piece) {
    switch (piece.kind) {
      case HtmlPiece::Kind::open:
      case HtmlPiece::Kind::close:
        tag(piece);
        break;
      case HtmlPiece::Kind::other:
        lines_.add(piece.source, Before::nothing);
        break;
      case HtmlPiece::Kind::merge_tag:
      case HtmlPiece::Kind::text:
        if (raw_ == "style") {
          style_sheet(piece.source);
        } else if (!raw_.empty() || preformatted_ > 0) {
          lines_.add(piece.source, Before::nothing);
        } else {
          text(piece.source);
        }
        break;
    }
  }

  void tag(const HtmlPiece& piece) {
    const bool opens = piece.kind == HtmlPiece::Kind::open;
    const bool closes_raw = !opens && piece.name == raw_;
    const bool keeps_blanks = piece.name == "pre";
    if (keeps_blanks && !opens && preformatted_ > 0) --preformatted_;
    attributes(piece.source, !closes_raw);
    if (keeps_blanks && opens) ++preformatted_;
    const bool raw =
        piece.name == "style" || piece.name == "script" || piece.name == "title" || piece.name == "textarea";
    if (opens && raw) raw_ = piece.name;
    if (closes_raw) raw_.clear();
  }

  /// A tag's parts, divided at the white space outside of quotes.
  void attributes(std::string_view source, bool comment_before) {
    char quote = 0;
    char last = 0;  // that was no white space
    std::size_t begin = 0;
    auto before = comment_before ? Before::comment : Before::nothing;
    const auto end_part = [&](std::size_t end) {
      attribute(source.substr(begin, end - begin), before);
      begin = end;
    };
    for (std::size_t i = 1; i < source.size(); ++i) {
      const char c = source[i];
      if (quote != 0) {
        if (c == quote) quote = 0;
      } else if ((c == '"' || c == '\'') && last == '=') {
        quote = c;
      } else if (is_white(c) && !is_white(source[i - 1])) {
        end_part(i);
        before = Before::white;
      } else if (c == '>' && i + 1 == source.size() && source[i - 1] != '/' && !is_white(source[i - 1])) {
        end_part(i);
        before = Before::inside;
      }
      if (!is_white(c)) last = c;
    }
    end_part(source.size());
  }

  /// A style has places of its own to break.
  void attribute(std::string_view part, Before before) {
    const std::size_t name = std::min(part.find_first_not_of(" \t\r\n\f"), part.size());
    const std::string_view shown = part.substr(name);
    const bool style = base::istarts_with(shown, "style=\"") && part.find('&') == npos && part.size() > kLongestWord;
    if (!style) return lines_.add(part, before);
    const std::size_t value = part.find('"') + 1;
    lines_.add(part.substr(0, value), before);
    style_sheet(part.substr(value));
  }

  /// Behind marks that white space may follow, outside of strings, brackets (URLs) and comments.
  void style_sheet(std::string_view css) {
    char quote = 0;
    int brackets = 0;
    std::size_t begin = 0;
    const auto end_part = [&](std::size_t end) {
      lines_.add(css.substr(begin, end - begin), begin == 0 ? Before::nothing : Before::inside);
      begin = end;
    };
    for (std::size_t i = 0; i < css.size(); ++i) {
      const char c = css[i];
      if (quote != 0) {
        if (c == '\\') {
          ++i;
        } else if (c == quote) {
          quote = 0;
        }
      } else if (css.substr(i).starts_with("/*")) {
        i = std::min(css.find("*/", i + 2), css.size() - 2) + 1;
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '(' || c == ')') {
        brackets += c == '(' ? 1 : -1;
      } else if (brackets == 0 && (c == '{' || c == '}' || c == ';' || c == ',')) {
        end_part(i + 1);
      }
    }
    end_part(css.size());
  }

  /// Words with the white space before each.
  void text(std::string_view rest) {
    while (!rest.empty()) {
      const std::size_t begin = std::min(rest.find_first_not_of(" \t\r\n\f"), rest.size());
      const std::size_t end = std::min(rest.find_first_of(" \t\r\n\f", begin), rest.size());
      word(rest.substr(0, end), begin > 0 ? Before::white : Before::comment);
      rest.remove_prefix(end);
    }
  }

  void word(std::string_view word, Before before) {
    while (word.size() > kLongestWord) {
      const std::size_t size = part_of_word(word, kLongestWord, true);
      lines_.add(word.substr(0, size), before);
      word.remove_prefix(size);
      before = Before::comment;
    }
    if (!word.empty()) lines_.add(word, before);
  }

  ShortLines lines_;
  std::string raw_;  // the element whose content is no HTML
  int preformatted_ = 0;
};

}  // namespace

std::string flowed(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line == "-- ") {
      out += line;  // a signature follows
    } else {
      append_flowed_line(out, line);
    }
    if (end == npos) break;
    out += '\n';
    text.remove_prefix(end + 1);
  }
  return out;
}

std::string html_in_short_lines(std::string_view html) { return HtmlLines().written(html); }

}  // namespace todoku::mail
