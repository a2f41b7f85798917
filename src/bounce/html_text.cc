#include "bounce/html_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "base/ascii.h"
#include "mail/utf8.h"

namespace todoku::bounce {
namespace {

constexpr std::size_t npos = std::string_view::npos;

constexpr std::pair<std::string_view, std::string_view> kEntities[] = {
    {"lt", "<"},     {"gt", ">"},     {"amp", "&"},    {"quot", "\""},  {"nbsp", " "},   {"apos", "'"},
    {"eacute", "é"}, {"egrave", "è"}, {"agrave", "à"}, {"ccedil", "ç"}, {"auml", "ä"},   {"ouml", "ö"},
    {"uuml", "ü"},   {"szlig", "ß"},  {"ntilde", "ñ"}, {"oacute", "ó"}, {"iacute", "í"}, {"aacute", "á"},
    {"uacute", "ú"}, {"atilde", "ã"}, {"otilde", "õ"}, {"ecirc", "ê"},  {"ocirc", "ô"},  {"acirc", "â"},
    {"rsquo", "’"},  {"lsquo", "‘"},  {"ldquo", "“"},  {"rdquo", "”"},  {"Eacute", "É"}, {"middot", "·"},
};

constexpr std::string_view kBlocks[] = {"br",         "p",     "div", "tr", "li",     "ul",  "ol",
                                        "table",      "h1",    "h2",  "h3", "h4",     "hr",  "pre",
                                        "blockquote", "title", "dt",  "dd", "center", "body"};

class Converter {
 public:
  explicit Converter(std::string_view html) : html_(html) { out_.reserve(html.size() / 2); }

  std::string convert() {
    while (pos_ < html_.size()) {
      const char c = html_[pos_];
      if (c == '<') {
        tag();
      } else if (c == '&') {
        entity();
      } else if (base::ascii_space(c)) {
        ++pos_;
        pre_&& c == '\n' ? line() : blank();
      } else {
        out_ += c;
        ++pos_;
      }
    }
    return std::move(out_);
  }

 private:
  void blank() {
    if (!out_.empty() && out_.back() != ' ' && out_.back() != '\n') out_ += ' ';
  }
  void line() {
    while (!out_.empty() && out_.back() == ' ') out_.pop_back();
    if (!out_.empty() && !out_.ends_with("\n\n")) out_ += '\n';
  }

  void tag() {
    if (html_.substr(pos_, 4) == "<!--") {
      const std::size_t end = html_.find("-->", pos_ + 4);
      pos_ = end == npos ? html_.size() : end + 3;
      return;
    }
    std::size_t i = pos_ + 1;
    const bool closing = i < html_.size() && html_[i] == '/';
    if (closing) ++i;
    std::size_t end = i;
    while (end < html_.size() && (base::ascii_alpha(html_[end]) || base::ascii_digit(html_[end]))) ++end;
    const std::string_view name = html_.substr(i, std::min<std::size_t>(end - i, 12));
    const std::string_view inside = html_.substr(i, 300);
    const std::size_t at = inside.substr(0, inside.find_first_of("<> \n")).find('@');
    if ((name.empty() && (i >= html_.size() || html_[i] != '!')) || at != npos) {  // "<a@b.c>" or a lone '<'
      out_ += '<';
      ++pos_;
      return;
    }
    const std::size_t close = html_.find('>', end);
    pos_ = close == npos ? html_.size() : close + 1;
    if (base::iequals(name, "a")) link(closing, html_.substr(end, pos_ - end));
    element(name, closing);
  }

  /// Exchange shows whom it could not reach by name alone; the address is where the name leads to.
  void link(bool closing, std::string_view attributes) {
    if (!closing) {
      link_ = mailbox_of(attributes);
      link_begin_ = out_.size();
    } else if (!link_.empty()) {
      if (out_.find('@', std::min(link_begin_, out_.size())) == npos) out_.append(" <").append(link_).append(">");
      link_ = {};
    }
  }

  static std::string_view mailbox_of(std::string_view attributes) {
    constexpr std::string_view kScheme = "mailto:";
    const std::size_t begin = attributes.find(kScheme);
    if (begin == npos) return {};
    const std::string_view rest = attributes.substr(begin + kScheme.size(), 320);
    const std::string_view address = rest.substr(0, rest.find_first_of("\"'?&> \t\r\n"));
    return address.find('@') == npos ? std::string_view{} : address;
  }

  void element(std::string_view name, bool closing) {
    if (!closing && (base::iequals(name, "style") || base::iequals(name, "script") || base::iequals(name, "head"))) {
      skip_to_end_of(name);
    } else if (base::iequals(name, "td") || base::iequals(name, "th")) {
      blank();
    } else if (std::ranges::any_of(kBlocks, [&](std::string_view block) { return base::iequals(name, block); })) {
      if (base::iequals(name, "pre")) pre_ = !closing;
      line();
    }
  }

  void skip_to_end_of(std::string_view name) {
    for (std::size_t i = html_.find("</", pos_); i != npos; i = html_.find("</", i + 2)) {
      if (!base::istarts_with(html_.substr(i + 2), name)) continue;
      const std::size_t close = html_.find('>', i);
      pos_ = close == npos ? html_.size() : close + 1;
      return;
    }
    if (!base::iequals(name, "head")) pos_ = html_.size();  // a head left open: its body is still worth reading
  }

  void entity() {
    const std::string_view rest = html_.substr(pos_ + 1, 12);
    const std::size_t end = rest.find(';');
    const std::string_view name = end == npos ? std::string_view{} : rest.substr(0, end);
    if (name.size() > 1 && name.front() == '#' && numeric(name.substr(1))) {
      pos_ += end + 2;
      return;
    }
    for (const auto& [word, text] : kEntities) {
      if (name != word) continue;
      text == " " ? blank() : void(out_ += text);
      pos_ += end + 2;
      return;
    }
    out_ += '&';
    ++pos_;
  }

  bool numeric(std::string_view digits) {
    const bool hex = digits.front() == 'x' || digits.front() == 'X';
    if (hex) digits.remove_prefix(1);
    char32_t code = 0;
    for (const char c : digits) {
      const char lower = base::ascii_lower(c);
      const bool letter = hex && lower >= 'a' && lower <= 'f';
      if (!base::ascii_digit(c) && !letter) return false;
      code = code * (hex ? 16 : 10) + static_cast<char32_t>(letter ? lower - 'a' + 10 : c - '0');
      if (code > 0x10ffff) return false;
    }
    if (code == 0xa0 || code < 0x20) {
      blank();
    } else {
      mail::utf8_append(out_, code >= 0xd800 && code < 0xe000 ? mail::kReplacement : code);
    }
    return true;
  }

  std::string_view html_;
  std::size_t pos_ = 0;
  std::string out_;
  std::string_view link_;  // the address that the open link writes to
  std::size_t link_begin_ = 0;
  bool pre_ = false;
};

}  // namespace

std::string html_text(std::string_view html) { return Converter(html).convert(); }

}  // namespace todoku::bounce
