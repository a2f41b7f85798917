#include "mail/html_scanner.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/ascii.h"
#include "mail/utf8.h"

namespace todoku::mail {
namespace {

constexpr std::size_t npos = std::string_view::npos;
constexpr std::size_t kLongestMergeTag = 4096;  // and so far is looked for its end

bool name_character(char c) { return base::ascii_alpha(c) || base::ascii_digit(c) || c == '-' || c == ':'; }

bool starts_tag(std::string_view rest) {
  if (rest.size() < 2 || rest[0] != '<') return false;
  return base::ascii_alpha(rest[1]) || rest[1] == '!' || rest[1] == '?' ||
         (rest[1] == '/' && rest.size() > 2 && base::ascii_alpha(rest[2]));
}

/// The end of the merge tag that begins at `at`, or npos: none begins there or it has no end.
std::size_t merge_tag_end(std::string_view html, std::size_t at) {
  const std::string_view rest = html.substr(at);
  const bool output = rest.starts_with("{{");
  if (!output && !rest.starts_with("{%")) return npos;
  const std::size_t end = rest.substr(2, kLongestMergeTag).find(output ? "}}" : "%}");
  return end == npos ? npos : at + 2 + end + 2;
}

/// The offset after the tag's '>', which quotes and merge tags may hide.
std::size_t tag_end(std::string_view html, std::size_t at) {
  char quote = 0;
  for (std::size_t i = at; i < html.size(); ++i) {
    const char c = html[i];
    if (c == '{') {
      const std::size_t end = merge_tag_end(html, i);
      if (end != npos) i = end - 1;
    } else if (quote != 0) {
      if (c == quote) quote = 0;
    } else if ((c == '"' || c == '\'') && i > at && html[i - 1] == '=') {
      quote = c;
    } else if (c == '>') {
      return i + 1;
    }
  }
  return html.size();
}

constexpr auto kEntities = std::to_array<std::pair<std::string_view, char32_t>>(
    {{"amp", '&'},      {"lt", '<'},       {"gt", '>'},       {"quot", '"'},      {"apos", '\''},    {"nbsp", 0xA0},
     {"copy", 0xA9},    {"reg", 0xAE},     {"trade", 0x2122}, {"yen", 0xA5},      {"euro", 0x20AC},  {"pound", 0xA3},
     {"cent", 0xA2},    {"sect", 0xA7},    {"deg", 0xB0},     {"plusmn", 0xB1},   {"middot", 0xB7},  {"times", 0xD7},
     {"divide", 0xF7},  {"laquo", 0xAB},   {"raquo", 0xBB},   {"hellip", 0x2026}, {"mdash", 0x2014}, {"ndash", 0x2013},
     {"lsquo", 0x2018}, {"rsquo", 0x2019}, {"ldquo", 0x201C}, {"rdquo", 0x201D},  {"bull", 0x2022},  {"larr", 0x2190},
     {"uarr", 0x2191},  {"rarr", 0x2192},  {"darr", 0x2193},  {"emsp", 0x2003},   {"ensp", 0x2002},  {"thinsp", 0x2009},
     {"auml", 0xE4},    {"ouml", 0xF6},    {"uuml", 0xFC},    {"szlig", 0xDF},    {"eacute", 0xE9},  {"zwnj", 0x200C},
     {"zwj", 0x200D},   {"shy", 0xAD}});

/// The character that a reference (without & and ;) stands for; 0 for none.
char32_t referenced(std::string_view reference) {
  if (!reference.starts_with('#')) {
    const auto* const found = std::ranges::find(kEntities, reference, [](const auto& e) { return e.first; });
    return found == kEntities.end() ? 0 : found->second;
  }
  reference.remove_prefix(1);
  const bool hex = reference.starts_with('x') || reference.starts_with('X');
  if (hex) reference.remove_prefix(1);
  std::uint32_t code = 0;
  const auto [end, error] = std::from_chars(reference.begin(), reference.end(), code, hex ? 16 : 10);
  const bool whole = error == std::errc{} && end == reference.end();
  return whole && code >= 0x20 && code <= 0x10FFFF ? static_cast<char32_t>(code) : 0;
}

std::size_t skip(std::string_view text, std::size_t at, bool (*what)(char)) {
  while (at < text.size() && what(text[at])) ++at;
  return at;
}

bool is_blank(char c) { return base::ascii_space(c) || c == '\f' || c == '/'; }
bool in_name(char c) { return !base::ascii_space(c) && c != '=' && c != '>' && c != '/' && c != '"' && c != '\''; }

}  // namespace

bool HtmlScanner::next(HtmlPiece& piece) {
  piece.name.clear();
  if (at_ >= html_.size()) return false;
  if (!raw_until_.empty() && raw_text(piece)) return true;
  const std::size_t begin = at_;
  if (const std::size_t end = merge_tag_end(html_, at_); end != npos) {
    piece.kind = HtmlPiece::Kind::merge_tag;
    at_ = end;
  } else if (starts_tag(html_.substr(at_))) {
    tag(piece);
    return true;
  } else {
    piece.kind = HtmlPiece::Kind::text;
    do {
      ++at_;
    } while (at_ < html_.size() && html_[at_] != '<' && html_[at_] != '{');
  }
  piece.source = html_.substr(begin, at_ - begin);
  return true;
}

/// The text up to the end tag; false where that begins here.
bool HtmlScanner::raw_text(HtmlPiece& piece) {
  std::size_t end = at_;
  const auto closes = [&](std::size_t i) {
    return html_.substr(i).starts_with("</") && base::istarts_with(html_.substr(i + 2), raw_until_);
  };
  while (end < html_.size() && !closes(end)) end = std::min(html_.find('<', end + 1), html_.size());
  raw_until_.clear();
  if (end == at_) return false;
  piece.kind = HtmlPiece::Kind::text;
  piece.source = html_.substr(at_, end - at_);
  at_ = end;
  return true;
}

void HtmlScanner::tag(HtmlPiece& piece) {
  const std::size_t begin = at_;
  std::size_t name = at_ + 1;
  if (html_[name] == '!' || html_[name] == '?') {
    piece.kind = HtmlPiece::Kind::other;
    const bool comment = html_.substr(at_).starts_with("<!--");
    const std::size_t end = comment ? html_.find("-->", at_ + 4) : html_.find('>', at_);
    at_ = end == npos ? html_.size() : end + (comment ? 3 : 1);
    piece.source = html_.substr(begin, at_ - begin);
    return;
  }
  piece.kind = html_[name] == '/' ? HtmlPiece::Kind::close : HtmlPiece::Kind::open;
  if (piece.kind == HtmlPiece::Kind::close) ++name;
  const std::size_t name_end = skip(html_, name, name_character);
  piece.name = base::ascii_lower(html_.substr(name, name_end - name));
  at_ = tag_end(html_, name_end);
  piece.source = html_.substr(begin, at_ - begin);
  const bool raw = piece.name == "style" || piece.name == "script" || piece.name == "title" || piece.name == "textarea";
  if (raw && piece.kind == HtmlPiece::Kind::open) raw_until_ = piece.name;
}

std::vector<HtmlAttribute> attributes(std::string_view tag) {
  std::vector<HtmlAttribute> found;
  if (tag.ends_with('>')) tag.remove_suffix(1);
  std::size_t at = skip(tag, std::min<std::size_t>(1, tag.size()), name_character);
  while (at < tag.size()) {
    at = skip(tag, at, is_blank);
    const std::size_t name_end = skip(tag, at, in_name);
    if (name_end == at) {
      ++at;
      continue;
    }
    HtmlAttribute attribute{base::ascii_lower(tag.substr(at, name_end - at)), {}};
    at = skip(tag, name_end, base::ascii_space);
    if (at < tag.size() && tag[at] == '=') {
      at = skip(tag, at + 1, base::ascii_space);
      const bool is_quoted = at < tag.size() && (tag[at] == '"' || tag[at] == '\'');
      const std::size_t begin = is_quoted ? at + 1 : at;
      std::size_t end = begin;
      while (end < tag.size() && (is_quoted ? tag[end] != tag[at] : !base::ascii_space(tag[end]))) {
        const std::size_t merge = merge_tag_end(tag, end);
        end = merge == npos ? end + 1 : merge;
      }
      attribute.value = tag.substr(begin, end - begin);
      at = end + (is_quoted ? 1 : 0);
    }
    found.push_back(std::move(attribute));
  }
  return found;
}

std::string_view attribute(std::string_view tag, std::string_view name) {
  for (const HtmlAttribute& each : attributes(tag)) {
    if (each.name == name) return each.value;
  }
  return {};
}

std::string unescape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t amp = std::min(text.find('&'), text.size());
    out += text.substr(0, amp);
    text.remove_prefix(amp);
    if (text.empty()) break;
    const std::size_t end = text.substr(0, 12).find(';');
    const char32_t c = end == npos ? 0 : referenced(text.substr(1, end - 1));
    if (c == 0) {
      out += '&';
      text.remove_prefix(1);
    } else {
      utf8_append(out, c);
      text.remove_prefix(end + 1);
    }
  }
  return out;
}

}  // namespace todoku::mail
