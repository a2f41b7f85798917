#include "campaign/liquid_expression.h"

#include <algorithm>
#include <charconv>

namespace todoku::campaign::liquid {
namespace {

template <class T>
Index put(std::vector<T>& table, T item) {
  table.push_back(std::move(item));
  return static_cast<Index>(table.size() - 1);
}

template <class T>
Index next_of(const std::vector<T>& table) {
  return static_cast<Index>(table.size());
}

std::string shown(const Token& token) {
  return token.kind == Token::Kind::end ? "the end" : "\"" + std::string(token.text) + "\"";
}

struct Symbol {
  std::string_view text;
  Relation relation;
};
constexpr Symbol kRelations[] = {{"==", Relation::equal},    {"!=", Relation::unequal},       {"<>", Relation::unequal},
                                 {"<", Relation::less},      {">", Relation::greater},        {"<=", Relation::at_most},
                                 {">=", Relation::at_least}, {"contains", Relation::contains}};

std::optional<Value> word_value(std::string_view word) {
  if (word == "true") return Value(true);
  if (word == "false") return Value(false);
  if (word == "nil" || word == "null") return Value();
  if (word == "empty") return Value(Word::empty);
  if (word == "blank") return Value(Word::blank);
  return {};
}

}  // namespace

base::Result<ExpressionReader> ExpressionReader::open(const Piece& piece, Code& code, Slots& slots) {
  ExpressionReader reader(piece, code, slots);
  if (auto r = reader.advance(); !r) return std::move(r).error();
  return reader;
}

base::Result<void> ExpressionReader::advance() {
  auto token = lexer_.next();
  if (!token) return std::move(token).error();
  token_ = *token;
  return base::done;
}

bool ExpressionReader::is_symbol(std::string_view text) const {
  return token_.kind == Token::Kind::symbol && token_.text == text;
}
bool ExpressionReader::is_word(std::string_view text) const {
  return token_.kind == Token::Kind::name && token_.text == text;
}

base::Error ExpressionReader::error(std::string message, std::string hint) const {
  return {base::ErrorCode::invalid, std::move(message), std::move(hint), code_.places.at(token_.offset)};
}

Index ExpressionReader::slot(const std::string& name) {
  const auto [at, made] = slots_.try_emplace(name, code_.slots);
  if (made) ++code_.slots;
  return at->second;
}

base::Result<std::string> ExpressionReader::name(std::string_view what) {
  if (token_.kind != Token::Kind::name) {
    return error("a name should stand here, not " + shown(token_), "write " + std::string(what));
  }
  std::string text(token_.text);
  if (auto r = advance(); !r) return std::move(r).error();
  return text;
}

base::Result<void> ExpressionReader::symbol(std::string_view wanted, std::string_view example) {
  if (!is_symbol(wanted) && !is_word(wanted)) {
    return error("\"" + std::string(wanted) + "\" should stand here, not " + shown(token_),
                 "write " + std::string(example));
  }
  return advance();
}

base::Result<void> ExpressionReader::end() {
  if (token_.kind == Token::Kind::end) return base::done;
  const bool assigns = is_symbol("=");
  return error(shown(token_) + " is too much here", assigns ? "compare with ==" : "delete it, or put text in quotes");
}

base::Result<Index> ExpressionReader::literal(Value value) {
  if (const auto* const text = value.get<std::string_view>()) {
    // The value points into the literal when all are in place: compile() sets it then.
    code_.literals.emplace_back(*text);
  } else {
    code_.literals.emplace_back();
  }
  const Index index = put(code_.values, value);
  if (auto r = advance(); !r) return std::move(r).error();
  return put(code_.operands, Operand{Operand::Kind::literal, index});
}

base::Result<Index> ExpressionReader::operand() {
  switch (token_.kind) {
    case Token::Kind::text:
      return literal(token_.text);
    case Token::Kind::number: {
      const Value number = as_number(token_.text);
      if (number.nil()) return error("the number " + std::string(token_.text) + " is too large", "write a smaller one");
      return literal(number);
    }
    case Token::Kind::name:
      if (const auto value = word_value(token_.text)) return literal(*value);
      return path();
    default:
      return error("a name, a number or a text in quotes should stand here, not " + shown(token_),
                   "write for example contact.name");
  }
}

base::Result<Index> ExpressionReader::path() {
  if (++depth_ > 16) return error("brackets are nested too deep", "use {% assign %} for a part of it");
  Path made;
  made.root = token_.text;
  made.offset = static_cast<std::uint32_t>(token_.offset);
  if (auto r = advance(); !r) return std::move(r).error();
  std::vector<Step> steps;  // gathered first: an index in brackets puts steps of its own into the table
  while (true) {
    auto next = step();
    if (!next) return std::move(next).error();
    if (!*next) break;
    steps.push_back(**std::move(next));
  }
  made.steps.begin = next_of(code_.steps);
  std::ranges::move(steps, std::back_inserter(code_.steps));
  made.steps.end = next_of(code_.steps);
  --depth_;
  note_use(made);
  return put(code_.operands, Operand{Operand::Kind::path, put(code_.paths, std::move(made))});
}

base::Result<std::optional<Step>> ExpressionReader::step() {
  if (is_symbol("[")) {
    auto made = bracket();
    if (!made) return std::move(made).error();
    return std::optional(*std::move(made));
  }
  if (!is_symbol(".")) return std::optional<Step>();
  if (auto r = advance(); !r) return std::move(r).error();
  auto text = name("the field's name after the dot, or contact[\"name\"]");
  if (!text) return std::move(text).error();
  Step made;
  made.name = *std::move(text);
  return std::optional(std::move(made));
}

base::Result<Step> ExpressionReader::bracket() {
  if (auto r = advance(); !r) return std::move(r).error();
  Step made;
  if (token_.kind == Token::Kind::text) {
    made.name = token_.text;
    if (auto r = advance(); !r) return std::move(r).error();
  } else {
    auto index = operand();
    if (!index) return std::move(index).error();
    made.kind = Step::Kind::operand;
    made.operand = *index;
    const Operand& inner = code_.operands[*index];
    const auto* const n =
        inner.kind == Operand::Kind::literal ? code_.values[inner.index].get<std::int64_t>() : nullptr;
    if (n != nullptr) {
      made.kind = Step::Kind::index;
      made.index = *n;
    }
  }
  if (auto r = symbol("]", "contact[\"name\"]"); !r) return std::move(r).error();
  return made;
}

void ExpressionReader::note_use(const Path& path) {
  Use use{path.root, {}, code_.places.at(path.offset)};
  for (Index i = path.steps.begin; i < path.steps.end && code_.steps[i].kind == Step::Kind::name; ++i) {
    use.path.push_back(code_.steps[i].name);
  }
  code_.uses.push_back(std::move(use));
}

base::Result<Index> ExpressionReader::expression() {
  auto first = operand();
  if (!first) return std::move(first).error();
  Expression made;
  made.operand = *first;
  made.calls.begin = next_of(code_.calls);
  while (is_symbol("|")) {
    if (auto r = filter_call(); !r) return std::move(r).error();
  }
  made.calls.end = next_of(code_.calls);
  return put(code_.expressions, made);
}

base::Result<void> ExpressionReader::filter_call() {
  if (auto r = advance(); !r) return r;
  const Token at = token_;
  auto name_of = name("a filter after the bar, as in | upcase");
  if (!name_of) return std::move(name_of).error();
  Call call;
  call.filter = find_filter(*name_of);
  if (call.filter == nullptr) {
    std::vector<std::string_view> known;
    for (const Filter& each : filters()) known.push_back(each.name);
    const auto near = nearest(*name_of, known);
    return base::Error{base::ErrorCode::invalid, "there is no filter \"" + *name_of + "\"",
                       near.empty() ? "see the list of filters" : "did you mean \"" + std::string(near) + "\"?",
                       code_.places.at(at.offset)};
  }
  std::vector<Index> arguments;
  while (is_symbol(arguments.empty() ? ":" : ",")) {
    if (auto r = advance(); !r) return r;
    auto argument = operand();
    if (!argument) return std::move(argument).error();
    arguments.push_back(*argument);
  }
  if (arguments.size() < call.filter->least || arguments.size() > call.filter->most) {
    const std::string most = std::to_string(call.filter->most);
    return base::Error{
        base::ErrorCode::invalid,
        "the filter \"" + *name_of + "\" takes " +
            (call.filter->least == call.filter->most ? most : std::to_string(call.filter->least) + " to " + most) +
            " arguments, not " + std::to_string(arguments.size()),
        "write them after a colon, divided by commas", code_.places.at(at.offset)};
  }
  // Operands of one call stand in a row.
  call.arguments.begin = next_of(code_.operands);
  for (const Index argument : arguments) code_.operands.push_back(Operand(code_.operands[argument]));
  call.arguments.end = next_of(code_.operands);
  code_.calls.push_back(call);
  return base::done;
}

base::Result<Index> ExpressionReader::bare(Index operand_index) {
  Expression made;
  made.operand = operand_index;
  made.calls = {next_of(code_.calls), next_of(code_.calls)};
  return put(code_.expressions, made);
}

base::Result<Comparison> ExpressionReader::comparison() {
  auto left = operand();
  if (!left) return std::move(left).error();
  if (is_symbol("|")) return error("a filter cannot stand in a condition", "use {% assign %} before it");
  Comparison made;
  made.left = *bare(*left);
  made.right = made.left;
  const auto* const relation =
      std::ranges::find_if(kRelations, [&](const Symbol& each) { return is_symbol(each.text) || is_word(each.text); });
  if (relation == std::end(kRelations)) return made;
  made.relation = relation->relation;
  if (auto r = advance(); !r) return std::move(r).error();
  auto right = operand();
  if (!right) return std::move(right).error();
  made.right = *bare(*right);
  return made;
}

base::Result<Range> ExpressionReader::condition() {
  std::vector<Comparison> all;
  while (true) {
    auto made = comparison();
    if (!made) return std::move(made).error();
    all.push_back(*made);
    if (!is_word("and") && !is_word("or")) break;
    all.back().joined_by_or = is_word("or");
    if (auto r = advance(); !r) return std::move(r).error();
  }
  if (auto r = end(); !r) return std::move(r).error();
  const Index begin = next_of(code_.comparisons);
  std::ranges::move(all, std::back_inserter(code_.comparisons));
  return Range{begin, next_of(code_.comparisons)};
}

base::Result<Range> ExpressionReader::alternatives(Index subject) {
  const Index begin = next_of(code_.comparisons);
  while (true) {
    auto value = operand();
    if (!value) return std::move(value).error();
    Comparison made;
    made.left = subject;
    made.right = *bare(*value);
    made.relation = Relation::equal;
    made.joined_by_or = true;
    code_.comparisons.push_back(made);
    if (!is_symbol(",") && !is_word("or")) break;
    if (auto r = advance(); !r) return std::move(r).error();
  }
  if (auto r = end(); !r) return std::move(r).error();
  return Range{begin, next_of(code_.comparisons)};
}

base::Result<Index> ExpressionReader::loop() {
  constexpr std::string_view kExample = "{% for item in items %}";
  Loop made;
  auto variable = name(kExample);
  if (!variable) return std::move(variable).error();
  made.slot = slot(*variable);
  if (auto r = symbol("in", kExample); !r) return std::move(r).error();
  if (is_symbol("(")) {
    if (auto r = loop_range(made); !r) return std::move(r).error();
  } else {
    auto collection = operand();
    if (!collection) return std::move(collection).error();
    made.collection = *collection;
  }
  while (token_.kind != Token::Kind::end) {
    if (auto r = loop_option(made); !r) return std::move(r).error();
  }
  return put(code_.loops, made);
}

base::Result<void> ExpressionReader::loop_range(Loop& loop) {
  if (auto r = advance(); !r) return r;
  auto first = operand();
  if (!first) return std::move(first).error();
  if (auto r = symbol("..", "(1..5)"); !r) return r;
  auto last = operand();
  if (!last) return std::move(last).error();
  loop.first = *first;
  loop.last = *last;
  return symbol(")", "(1..5)");
}

base::Result<void> ExpressionReader::loop_option(Loop& loop) {
  if (is_word("reversed")) {
    loop.reversed = true;
    return advance();
  }
  const bool limits = is_word("limit");
  if (!limits && !is_word("offset")) {
    return error(shown(token_) + " is no option of a loop", "use limit: 3, offset: 1 or reversed");
  }
  if (auto r = advance(); !r) return r;
  if (auto r = symbol(":", "limit: 3"); !r) return r;
  auto value = operand();
  if (!value) return std::move(value).error();
  (limits ? loop.limit : loop.offset) = *value;
  return base::done;
}

}  // namespace todoku::campaign::liquid
