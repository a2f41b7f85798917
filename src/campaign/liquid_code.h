// What a template is compiled to: a flat list of instructions, and tables that they point into.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "campaign/liquid.h"
#include "campaign/liquid_filters.h"

namespace todoku::campaign::liquid {

using Index = std::uint32_t;
inline constexpr Index kNone = 0xFFFFFFFF;
inline constexpr Index kForloop = 0xFFFFFFFE;  // the slot of the name `forloop`

/// A stretch of a table.
struct Range {
  Index begin = 0;
  Index end = 0;
};

struct Step {  // of a path: .name, [3] or [other.path]
  std::string name;
  std::int64_t index = 0;
  Index operand = kNone;
  enum class Kind : std::uint8_t { name, index, operand } kind = Kind::name;
};

struct Path {
  std::string root;
  Index slot = kNone;  // where `assign` or `for` may have set the root
  Range steps;
  std::uint32_t offset = 0;
};

struct Operand {
  enum class Kind : std::uint8_t { literal, path } kind = Kind::literal;
  Index index = 0;
};

struct Call {
  const Filter* filter = nullptr;
  Range arguments;  // operands
};

struct Expression {
  Index operand = 0;
  Range calls;
};

struct Comparison {
  Index left = 0;  // expressions
  Index right = 0;
  Relation relation = Relation::truthy;
  bool joined_by_or = false;  // to the next one; else by `and`
};

struct Loop {
  Index slot = 0;
  Index collection = kNone;  // operand; or a range from first to last
  Index first = kNone;
  Index last = kNone;
  Index limit = kNone;
  Index offset = kNone;
  bool reversed = false;
};

struct Instruction {
  enum class Op : std::uint8_t {
    text,        // a: begin, b: length, in `text`
    output,      // a: expression
    jump,        // c: target
    unless,      // a: first comparison, b: one past the last; c: target where they do not hold
    assign,      // a: slot, b: expression
    loop_begin,  // a: loop, c: target where there is nothing
    loop_next,   // c: the body's first instruction
    loop_leave,  // c: target
  };
  Op op = Op::text;
  Index a = 0;
  Index b = 0;
  Index c = 0;
  std::uint32_t offset = 0;  // in the source
};

/// Turns offsets in a source into "name:line:column".
struct Places {
  std::string name;
  std::size_t first_line = 1;
  std::size_t first_column = 1;
  std::vector<std::uint32_t> line_begins;
  std::string source;
  [[nodiscard]] std::string at(std::size_t offset) const;
};

struct Code {
  std::string text;  // everything outside tags
  std::vector<std::string> literals;
  std::vector<Value> values;  // of the literal operands; text in `literals`
  std::vector<Step> steps;
  std::vector<Path> paths;
  std::vector<Operand> operands;
  std::vector<Call> calls;
  std::vector<Expression> expressions;
  std::vector<Comparison> comparisons;
  std::vector<Loop> loops;
  std::vector<Instruction> instructions;
  std::vector<Segment> segments;
  std::vector<Use> uses;
  Index slots = 0;
  bool html = false;
  Limits limits;
  Places places;
};

}  // namespace todoku::campaign::liquid
