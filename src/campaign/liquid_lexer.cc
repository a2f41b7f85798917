#include "campaign/liquid_lexer.h"

#include <algorithm>

#include "base/ascii.h"
#include "mail/utf8.h"

namespace todoku::campaign::liquid {
namespace {

using base::Error;
using base::ErrorCode;

std::string_view trim_right(std::string_view text) {
  while (!text.empty() && base::ascii_space(text.back())) text.remove_suffix(1);
  return text;
}

/// The offset of `close` outside quotes, or npos.
std::size_t find_close(std::string_view source, std::size_t at, std::string_view close) {
  char quote = 0;
  for (std::size_t i = at; i < source.size(); ++i) {
    const char c = source[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == close[0] && source.substr(i).starts_with(close)) {
      return i;
    } else if (c == '{' && i + 1 < source.size() && (source[i + 1] == '{' || source[i + 1] == '%')) {
      return source.npos;  // the next one begins: this one has no end
    }
  }
  return source.npos;
}

bool name_start(char c) { return base::ascii_alpha(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80; }
bool in_name(char c) { return name_start(c) || base::ascii_digit(c) || c == '-'; }

}  // namespace

base::Result<std::optional<Piece>> PieceLexer::next() {
  if (strip_next_) {
    while (at_ < source_.size() && base::ascii_space(source_[at_])) ++at_;
    strip_next_ = false;
  }
  if (at_ >= source_.size()) return std::optional<Piece>();
  std::size_t open = at_;
  do {
    open = source_.find('{', open);
    if (open == source_.npos || open + 1 >= source_.size()) return std::optional(text(source_.size()));
  } while (source_[open + 1] != '{' && source_[open + 1] != '%' && ++open != 0);
  const bool dash = open + 2 < source_.size() && source_[open + 2] == '-';
  if (open > at_) {
    Piece piece = text(open);
    if (dash) piece.content = trim_right(piece.content);
    if (!piece.content.empty()) return std::optional(piece);
  }
  const bool output = source_[open + 1] == '{';
  const std::size_t begin = open + (dash ? 3 : 2);
  const std::size_t close = find_close(source_, begin, output ? "}}" : "%}");
  if (close == source_.npos) {
    return Error{
        ErrorCode::invalid, output ? "this {{ is never closed" : "this {% is never closed",
        output ? "close it with }}, or close a quote before it" : "close it with %}, or close a quote before it",
        places_.at(open)};
  }
  strip_next_ = close > begin && source_[close - 1] == '-';
  at_ = close + 2;
  return std::optional(Piece{output ? Piece::Kind::output : Piece::Kind::tag,
                             source_.substr(begin, close - begin - (strip_next_ ? 1 : 0)), begin});
}

Piece PieceLexer::text(std::size_t end) {
  const Piece piece{Piece::Kind::text, source_.substr(at_, end - at_), at_};
  at_ = end;
  return piece;
}

base::Result<Piece> PieceLexer::take_until(std::string_view end_tag, std::size_t begun_at) {
  if (strip_next_) {
    while (at_ < source_.size() && base::ascii_space(source_[at_])) ++at_;
    strip_next_ = false;
  }
  for (std::size_t open = source_.find("{%", at_); open != source_.npos; open = source_.find("{%", open + 2)) {
    std::string_view rest = source_.substr(open + 2);
    const bool dash = rest.starts_with('-');
    if (dash) rest.remove_prefix(1);
    while (!rest.empty() && base::ascii_space(rest.front())) rest.remove_prefix(1);
    if (!rest.starts_with(end_tag)) continue;
    rest.remove_prefix(end_tag.size());
    while (!rest.empty() && base::ascii_space(rest.front())) rest.remove_prefix(1);
    strip_next_ = rest.starts_with("-%}");
    if (strip_next_) rest.remove_prefix(1);
    if (!rest.starts_with("%}")) continue;
    Piece piece = text(open);
    if (dash) piece.content = trim_right(piece.content);
    at_ = source_.size() - rest.size() + 2;
    return piece;
  }
  return Error{ErrorCode::invalid, "this {% " + std::string(end_tag.substr(3)) + " %} is never closed",
               "close it with {% " + std::string(end_tag) + " %}", places_.at(begun_at)};
}

base::Result<Token> TokenLexer::next() {
  while (!content_.empty() && base::ascii_space(content_.front())) {
    content_.remove_prefix(1);
    ++offset_;
  }
  if (content_.empty()) return Token{Token::Kind::end, {}, offset_};
  const char c = content_.front();
  if (c == '"' || c == '\'') return quoted();
  const auto run = [&](auto accept) {
    std::size_t n = 1;
    while (n < content_.size() && accept(content_[n])) ++n;
    return n;
  };
  const bool sign = c == '-' && content_.size() > 1 && base::ascii_digit(content_[1]);
  if (base::ascii_digit(c) || sign) {
    std::size_t n = run(base::ascii_digit);
    const auto digit_at = [&](std::size_t i) { return i < content_.size() && base::ascii_digit(content_[i]); };
    if (n < content_.size() && content_[n] == '.' && digit_at(n + 1)) {
      for (++n; digit_at(n);) ++n;
    }
    return take(Token::Kind::number, n);
  }
  constexpr std::string_view kFullWidth[] = {"“", "”", "｜", "：", "　", "’", "‘", "（", "）", "，", "＝"};
  if (std::ranges::any_of(kFullWidth, [&](std::string_view wrong) { return content_.starts_with(wrong); })) {
    return unexpected();
  }
  if (name_start(c)) {
    std::size_t n = 1;
    const auto full_width = [&](std::size_t i) {
      return std::ranges::any_of(kFullWidth, [&](std::string_view w) { return content_.substr(i).starts_with(w); });
    };
    while (n < content_.size() && in_name(content_[n]) && !full_width(n)) ++n;
    if (n < content_.size() && content_[n] == '?') ++n;
    return take(Token::Kind::name, n);
  }
  for (const std::string_view symbol : {"==", "!=", "<>", "<=", ">=", ".."}) {
    if (content_.starts_with(symbol)) return take(Token::Kind::symbol, 2);
  }
  if (std::string_view("|:,.[]()<>=").find(c) != std::string_view::npos) return take(Token::Kind::symbol, 1);
  return unexpected();
}

base::Result<Token> TokenLexer::quoted() {
  const std::size_t end = content_.find(content_.front(), 1);
  if (end == content_.npos) {
    return Error{ErrorCode::invalid, "this quote is never closed", "add the closing quote", places_.at(offset_)};
  }
  Token token{Token::Kind::text, content_.substr(1, end - 1), offset_};
  content_.remove_prefix(end + 1);
  offset_ += end + 1;
  return token;
}

base::Error TokenLexer::unexpected() const {
  std::string_view rest = content_;
  std::string character;
  const char32_t c = mail::utf8_take(rest);
  mail::utf8_append(character, c);
  const bool wide = c >= 0x80;
  return Error{ErrorCode::invalid, "the character " + character + " means nothing here",
               wide ? "type quotes, bars, colons and blanks in half-width letters" : "delete it, or put text in quotes",
               places_.at(offset_)};
}

Token TokenLexer::take(Token::Kind kind, std::size_t length) {
  const Token token{kind, content_.substr(0, length), offset_};
  content_.remove_prefix(length);
  offset_ += length;
  return token;
}

}  // namespace todoku::campaign::liquid
