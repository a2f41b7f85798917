// Reads what stands inside an output or a tag, into the tables of the code.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "campaign/liquid_code.h"
#include "campaign/liquid_lexer.h"

namespace todoku::campaign::liquid {

/// The local names of a template: those that `assign` and `for` set anywhere in it.
using Slots = std::map<std::string, Index, std::less<>>;

/// One reader for each output or tag; one token ahead.
class ExpressionReader {
 public:
  static base::Result<ExpressionReader> open(const Piece& piece, Code& code, Slots& slots);

  /// operand | filter: a, b | …
  base::Result<Index> expression();
  /// A name, a number, a text, true, nil …
  base::Result<Index> operand();
  /// left == right and …; the range of comparisons.
  base::Result<Range> condition();
  /// `subject == operand`, one for each of `1, 2` or `1 or 2`, joined by or.
  base::Result<Range> alternatives(Index subject);
  /// item in items limit: 3 …
  base::Result<Index> loop();

  base::Result<std::string> name(std::string_view what);
  base::Result<void> symbol(std::string_view wanted, std::string_view example);
  /// Nothing more may follow.
  base::Result<void> end();
  [[nodiscard]] const Token& token() const { return token_; }
  Index slot(const std::string& name);

 private:
  ExpressionReader(const Piece& piece, Code& code, Slots& slots)
      : lexer_(piece.content, piece.offset, code.places), code_(code), slots_(slots) {}

  base::Result<void> advance();
  [[nodiscard]] bool is_symbol(std::string_view text) const;
  [[nodiscard]] bool is_word(std::string_view text) const;
  [[nodiscard]] base::Error error(std::string message, std::string hint) const;
  base::Result<Index> literal(Value value);
  base::Result<Index> path();
  base::Result<std::optional<Step>> step();
  base::Result<Step> bracket();
  base::Result<void> filter_call();
  base::Result<void> loop_option(Loop& loop);
  base::Result<void> loop_range(Loop& loop);
  base::Result<Comparison> comparison();
  base::Result<Index> bare(Index operand);
  void note_use(const Path& path);

  TokenLexer lexer_;
  Code& code_;
  Slots& slots_;
  Token token_;
  int depth_ = 0;
};

}  // namespace todoku::campaign::liquid
