// Cuts a template into text, outputs and tags, and what stands inside those into tokens.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "campaign/liquid_code.h"

namespace todoku::campaign::liquid {

struct Piece {
  enum class Kind : std::uint8_t { text, output, tag };
  Kind kind = Kind::text;
  std::string_view content;  // of the source: the text, or what stands between the braces
  std::size_t offset = 0;    // of the piece in the source
};

/// Blanks that {{- and -}} take away are left out of the text pieces.
class PieceLexer {
 public:
  PieceLexer(std::string_view source, const Places& places) : source_(source), places_(places) {}
  /// Empty at the end.
  base::Result<std::optional<Piece>> next();
  /// The text up to {% endNAME %}, which is taken too. For `raw` and `comment`.
  base::Result<Piece> take_until(std::string_view end_tag, std::size_t begun_at);

 private:
  Piece text(std::size_t end);

  std::string_view source_;
  const Places& places_;
  std::size_t at_ = 0;
  bool strip_next_ = false;
};

struct Token {
  enum class Kind : std::uint8_t { name, number, text, symbol, end };
  Kind kind = Kind::end;
  std::string_view text;   // of a text token: without its quotes
  std::size_t offset = 0;  // in the source
};

/// The tokens of one output or tag.
class TokenLexer {
 public:
  TokenLexer(std::string_view content, std::size_t offset, const Places& places)
      : content_(content), offset_(offset), places_(places) {}
  base::Result<Token> next();

 private:
  base::Result<Token> quoted();
  base::Error unexpected() const;
  Token take(Token::Kind kind, std::size_t length);

  std::string_view content_;
  std::size_t offset_;  // of content_ in the source
  const Places& places_;
};

}  // namespace todoku::campaign::liquid
