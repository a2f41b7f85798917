// From a template's text to its code: tags are matched here, what stands inside them is ExpressionReader's.
#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "campaign/liquid.h"
#include "campaign/liquid_code.h"
#include "campaign/liquid_expression.h"
#include "campaign/liquid_lexer.h"
#include "mail/utf8.h"

namespace todoku::campaign::liquid {
namespace {

using base::Error;
using base::ErrorCode;
using Op = Instruction::Op;

/// A tag that waits for its end.
struct Block {
  enum class Kind : std::uint8_t { condition, choice, loop };
  Kind kind = Kind::condition;
  std::string tag;
  std::size_t offset = 0;
  Index pending = kNone;     // the jump to the next branch, to be aimed
  std::vector<Index> exits;  // jumps to the end
  std::vector<Index> skips;  // `continue`
  Index begin = 0;           // loop_begin
  Index next = kNone;        // loop_next, once `else` was met
  Index subject = kNone;     // of a choice: the expression
  bool had_else = false;
};

constexpr auto kTags = std::to_array<std::string_view>({"assign", "break", "case", "comment", "continue", "else",
                                                        "elsif", "endcase", "endcomment", "endfor", "endif", "endraw",
                                                        "endunless", "for", "if", "raw", "unless", "when"});

class Compiler {
 public:
  Compiler(const Source& source, Code& code) : code_(code), lexer_(source.text, code.places) {}

  base::Result<void> compile() {
    while (true) {
      auto piece = lexer_.next();
      if (!piece) return std::move(piece).error();
      if (!*piece) break;
      if (auto r = take(**piece); !r) return r;
    }
    if (!blocks_.empty()) {
      const Block& open = blocks_.back();
      return Error{ErrorCode::invalid, "this {% " + open.tag + " %} is never closed",
                   "close it with {% end" + open.tag + " %}", code_.places.at(open.offset)};
    }
    return base::done;
  }

 private:
  base::Result<void> take(const Piece& piece) {
    offset_ = static_cast<std::uint32_t>(piece.offset);
    if (piece.kind == Piece::Kind::text) {
      add_text(piece.content);
      return base::done;
    }
    const auto begin = static_cast<Index>(code_.instructions.size());
    const bool outside = blocks_.empty();
    auto r = piece.kind == Piece::Kind::output ? output(piece) : tag(piece);
    if (!r) return r;
    if (outside) open_segment(begin);
    if (blocks_.empty()) close_segment();
    return base::done;
  }

  void add_text(std::string_view text) {
    if (text.empty()) return;
    const auto begin = static_cast<Index>(code_.text.size());
    code_.text += text;
    emit(Op::text, begin, static_cast<Index>(text.size()));
    if (blocks_.empty()) {
      const auto at = code_.instructions.size() - 1;
      code_.segments.push_back({true, {}, at, at + 1});
    }
  }

  void open_segment(Index begin) { segment_begin_ = std::min(segment_begin_, begin); }
  void close_segment() {
    const auto end = static_cast<Index>(code_.instructions.size());
    if (segment_begin_ < end && !is_fixed(segment_begin_)) code_.segments.push_back({false, {}, segment_begin_, end});
    segment_begin_ = kNone;
  }
  /// `raw` put its text down as a segment of its own.
  bool is_fixed(Index begin) const {
    return !code_.segments.empty() && code_.segments.back().fixed && code_.segments.back().begin == begin;
  }

  Index emit(Op op, Index a = 0, Index b = 0, Index c = kNone) {
    code_.instructions.push_back({op, a, b, c, offset_});
    return static_cast<Index>(code_.instructions.size() - 1);
  }
  [[nodiscard]] Index here() const { return static_cast<Index>(code_.instructions.size()); }
  void aim(Index instruction, Index target) { code_.instructions[instruction].c = target; }

  base::Result<void> output(const Piece& piece) {
    auto reader = ExpressionReader::open(piece, code_, slots_);
    if (!reader) return std::move(reader).error();
    if (reader->token().kind == Token::Kind::end) {
      return error("nothing stands between the braces", "write for example {{ contact.name }}");
    }
    auto expression = reader->expression();
    if (!expression) return std::move(expression).error();
    if (auto r = reader->end(); !r) return r;
    emit(Op::output, *expression);
    return base::done;
  }

  base::Result<void> tag(const Piece& piece) {
    auto opened = ExpressionReader::open(piece, code_, slots_);
    if (!opened) return std::move(opened).error();
    ExpressionReader& reader = *opened;
    const std::size_t at = reader.token().offset;
    auto name = reader.name("a tag, as in {% if contact.name %}");
    if (!name) return std::move(name).error();
    offset_ = static_cast<std::uint32_t>(at);
    if (*name == "if" || *name == "unless") return open_condition(*name, reader);
    if (*name == "case") return open_choice(reader);
    if (*name == "for") return open_loop(reader);
    if (*name == "elsif") return elsif(reader);
    if (*name == "when") return when(reader);
    if (*name == "assign") return assign(reader);
    if (auto r = reader.end(); !r) return r;
    if (*name == "else") return otherwise();
    if (*name == "break" || *name == "continue") return leave(*name == "break");
    if (*name == "comment" || *name == "raw") return verbatim(*name);
    if (name->starts_with("end")) return close(*name);
    return unknown(*name);
  }

  Error unknown(const std::string& name) const {
    const auto near = nearest(name, {kTags.begin(), kTags.end()});
    return error("there is no tag \"" + name + "\"",
                 near.empty() ? "see the list of tags" : "did you mean \"" + std::string(near) + "\"?");
  }

  Error error(std::string message, std::string hint) const {
    return {ErrorCode::invalid, std::move(message), std::move(hint), code_.places.at(offset_)};
  }

  base::Result<Block*> open(Block::Kind kind, std::string tag) {
    if (blocks_.size() >= code_.limits.nesting) {
      return Error{ErrorCode::limit, "tags are nested deeper than " + std::to_string(code_.limits.nesting),
                   "make the template simpler", code_.places.at(offset_)};
    }
    Block block;
    block.kind = kind;
    block.tag = std::move(tag);
    block.offset = offset_;
    blocks_.push_back(std::move(block));
    return &blocks_.back();
  }

  base::Result<void> open_condition(const std::string& tag, ExpressionReader& reader) {
    auto range = reader.condition();
    if (!range) return std::move(range).error();
    auto block = open(Block::Kind::condition, tag);
    if (!block) return std::move(block).error();
    const Index test = emit(Op::unless, range->begin, range->end);
    (*block)->pending = test;
    if (tag == "unless") {
      // Where the condition holds, past the body: the test aims at the body, the jump after it at the next branch.
      const Index past = emit(Op::jump);
      aim(test, here());
      (*block)->pending = past;
    }
    return base::done;
  }

  base::Result<void> open_choice(ExpressionReader& reader) {
    auto subject = reader.expression();
    if (!subject) return std::move(subject).error();
    if (auto r = reader.end(); !r) return r;
    auto block = open(Block::Kind::choice, "case");
    if (!block) return std::move(block).error();
    (*block)->subject = *subject;
    (*block)->pending = emit(Op::jump);  // what stands before the first `when` is left out
    return base::done;
  }

  base::Result<void> open_loop(ExpressionReader& reader) {
    auto loop = reader.loop();
    if (!loop) return std::move(loop).error();
    auto block = open(Block::Kind::loop, "for");
    if (!block) return std::move(block).error();
    (*block)->begin = emit(Op::loop_begin, *loop);
    return base::done;
  }

  /// Ends the branch before this one: it jumps to the end, and its test comes here.
  void next_branch(Block& block) {
    block.exits.push_back(emit(Op::jump));
    aim(block.pending, here());
    block.pending = kNone;
  }

  base::Result<void> elsif(ExpressionReader& reader) {
    if (blocks_.empty() || blocks_.back().kind != Block::Kind::condition || blocks_.back().had_else) {
      return error("an elsif without its if", "put it between {% if … %} and {% else %}");
    }
    auto range = reader.condition();
    if (!range) return std::move(range).error();
    next_branch(blocks_.back());
    blocks_.back().pending = emit(Op::unless, range->begin, range->end);
    return base::done;
  }

  base::Result<void> when(ExpressionReader& reader) {
    if (blocks_.empty() || blocks_.back().kind != Block::Kind::choice || blocks_.back().had_else) {
      return error("a when without its case", "put it between {% case … %} and {% else %}");
    }
    auto range = reader.alternatives(blocks_.back().subject);
    if (!range) return std::move(range).error();
    next_branch(blocks_.back());
    blocks_.back().pending = emit(Op::unless, range->begin, range->end);
    return base::done;
  }

  base::Result<void> otherwise() {
    if (blocks_.empty() || blocks_.back().had_else) {
      return error("an else without its if", "put it between {% if … %} and {% endif %}");
    }
    Block& block = blocks_.back();
    block.had_else = true;
    if (block.kind == Block::Kind::loop) {
      end_body(block);
      block.exits.push_back(emit(Op::jump));
      aim(block.begin, here());
      return base::done;
    }
    next_branch(block);
    return base::done;
  }

  /// The loop's turn: what `continue` jumps to.
  void end_body(Block& block) {
    block.next = emit(Op::loop_next, 0, 0, block.begin + 1);
    for (const Index skip : block.skips) aim(skip, block.next);
    block.skips.clear();
  }

  base::Result<void> assign(ExpressionReader& reader) {
    constexpr std::string_view kExample = "{% assign name = contact.name %}";
    auto name = reader.name(kExample);
    if (!name) return std::move(name).error();
    if (auto r = reader.symbol("=", kExample); !r) return r;
    auto expression = reader.expression();
    if (!expression) return std::move(expression).error();
    if (auto r = reader.end(); !r) return r;
    emit(Op::assign, reader.slot(*name), *expression);
    return base::done;
  }

  base::Result<void> leave(bool for_good) {
    const auto loop = std::ranges::find_if(blocks_.rbegin(), blocks_.rend(), [](const Block& block) {
      return block.kind == Block::Kind::loop && !block.had_else;
    });
    if (loop == blocks_.rend())
      return error("a break or continue outside a loop", "put it between {% for %} and {% endfor %}");
    if (for_good) {
      loop->exits.push_back(emit(Op::loop_leave));
    } else {
      loop->skips.push_back(emit(Op::jump));
    }
    return base::done;
  }

  base::Result<void> verbatim(const std::string& name) {
    auto piece = lexer_.take_until("end" + name, offset_);
    if (!piece) return std::move(piece).error();
    if (name == "raw") add_text(piece->content);
    return base::done;
  }

  base::Result<void> close(const std::string& name) {
    if (std::ranges::find(kTags, std::string_view(name)) == kTags.end()) return unknown(name);
    if (blocks_.empty() || name != "end" + blocks_.back().tag) {
      const std::string open = blocks_.empty() ? "" : blocks_.back().tag;
      return error("{% " + name + " %} closes nothing", open.empty() ? "delete it, or open it before"
                                                                     : "close the {% " + open + " %} of " +
                                                                           code_.places.at(blocks_.back().offset) +
                                                                           " with {% end" + open + " %} first");
    }
    Block& block = blocks_.back();
    if (block.kind == Block::Kind::loop && !block.had_else) {
      end_body(block);
      aim(block.begin, here());
    }
    if (block.pending != kNone) aim(block.pending, here());
    for (const Index exit : block.exits) aim(exit, here());
    blocks_.pop_back();
    return base::done;
  }

  Code& code_;
  PieceLexer lexer_;
  Slots slots_;
  std::vector<Block> blocks_;
  std::uint32_t offset_ = 0;
  Index segment_begin_ = kNone;

 public:
  /// What can only be done when everything is in place: literals and segments point into tables, names find slots.
  void settle() {
    for (std::size_t i = 0; i < code_.values.size(); ++i) {
      if (code_.values[i].get<std::string_view>() != nullptr)
        code_.values[i] = Value(std::string_view(code_.literals[i]));
    }
    for (Segment& segment : code_.segments) {
      if (!segment.fixed) continue;
      const Instruction& text = code_.instructions[segment.begin];
      segment.text = std::string_view(code_.text).substr(text.a, text.b);
    }
    for (Path& path : code_.paths) {
      if (const auto at = slots_.find(path.root); at != slots_.end()) path.slot = at->second;
      if (path.root == "forloop") path.slot = kForloop;
    }
    std::erase_if(code_.uses, [&](const Use& use) { return slots_.contains(use.root) || use.root == "forloop"; });
  }
};

std::vector<std::uint32_t> line_begins(std::string_view text) {
  std::vector<std::uint32_t> begins = {0};
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') begins.push_back(static_cast<std::uint32_t>(i + 1));
  }
  return begins;
}

}  // namespace

std::string Places::at(std::size_t offset) const {
  const auto after = std::ranges::upper_bound(line_begins, offset);
  const auto line = static_cast<std::size_t>(after - line_begins.begin()) - 1;
  const std::size_t begin = line_begins[line];
  const std::size_t column =
      mail::utf8_count(std::string_view(source).substr(begin, offset - begin)) + (line == 0 ? first_column : 1);
  return name + ":" + std::to_string(first_line + line) + ":" + std::to_string(column);
}

base::Result<Program> Program::compile(const Source& source, bool html, const Limits& limits) {
  if (source.text.size() > limits.source) {
    return Error{ErrorCode::limit,
                 "the template is " + std::to_string(source.text.size()) + " octets long, at most " +
                     std::to_string(limits.source),
                 "keep images and files beside the text instead of inside it", std::string(source.name)};
  }
  auto code = std::make_shared<Code>();
  code->html = html;
  code->limits = limits;
  code->places = {std::string(source.name), source.first_line, source.first_column, line_begins(source.text),
                  std::string(source.text)};
  if (const std::size_t good = mail::utf8_valid_prefix(source.text); good != source.text.size()) {
    return Error{ErrorCode::invalid, "these bytes are not UTF-8", "save the file as UTF-8", code->places.at(good)};
  }
  Compiler compiler(source, *code);
  if (auto r = compiler.compile(); !r) return std::move(r).error();
  compiler.settle();
  return Program(std::move(code));
}

const std::vector<Segment>& Program::segments() const { return code_->segments; }
const std::vector<Use>& Program::uses() const { return code_->uses; }
bool Program::fixed() const {
  return std::ranges::all_of(code_->segments, [](const Segment& segment) { return segment.fixed; });
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
  if (word.size() > 40) return {};
  std::string_view best;
  std::size_t least = std::min<std::size_t>(3, word.size() / 2 + 1);
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > 40) continue;
    std::array<std::size_t, 42> row{};
    for (std::size_t j = 0; j <= candidate.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= word.size(); ++i) {
      std::size_t diagonal = row[0];
      row[0] = i;
      for (std::size_t j = 1; j <= candidate.size(); ++j) {
        const std::size_t change = diagonal + (word[i - 1] == candidate[j - 1] ? 0 : 1);
        diagonal = row[j];
        row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
      }
    }
    if (row[candidate.size()] < least) {
      least = row[candidate.size()];
      best = candidate;
    }
  }
  return best;
}

}  // namespace todoku::campaign::liquid
