// Runs the code of a template: a loop over instructions, with a budget of steps, output and memory.
#include <algorithm>
#include <array>

#include "campaign/liquid.h"
#include "campaign/liquid_code.h"
#include "campaign/liquid_filters.h"
#include "mail/html_escape.h"

namespace todoku::campaign::liquid {
namespace {

using base::Error;
using base::ErrorCode;

/// A loop that runs: over a stretch of an array, or of whole numbers.
struct Frame {
  const Array* array = nullptr;  // null: numbers
  std::int64_t first = 0;        // index or number
  std::int64_t length = 0;
  std::int64_t done = 0;
  bool reversed = false;
  Index slot = 0;
  Value shadowed;  // what the loop's name meant outside
  bool was_set = false;

  [[nodiscard]] Value item() const {
    const std::int64_t at = first + (reversed ? length - 1 - done : done);
    return array == nullptr ? Value(at) : array->at(static_cast<std::size_t>(at));
  }
};

struct Slot {
  Value value;
  bool set = false;
};

}  // namespace

class Renderer::Machine {
 public:
  void begin(const Program& program, const RenderInput& input) {
    code_ = &program.code();
    input_ = &input;
    steps_ = 0;
    arena_.start(code_->limits.memory);
    slots_.assign(code_->slots, {});
    frames_.clear();
  }

  base::Result<void> run(std::size_t pc, std::size_t end, std::string& out) {
    const std::size_t most = out.size() + code_->limits.output;
    while (pc < end) {
      const Instruction& at = code_->instructions[pc];
      if (++steps_ > code_->limits.steps) {
        return limit(at, "the template takes more than " + std::to_string(code_->limits.steps) + " steps",
                     "look for a loop inside a loop, and give it a limit");
      }
      pc = step(at, pc, out);
      if (out.size() > most) {
        return limit(at, "the text grows beyond " + std::to_string(code_->limits.output) + " octets",
                     "look for a loop that writes too much, and give it a limit");
      }
      if (arena_.exhausted()) {
        return limit(at, "the template makes texts beyond " + std::to_string(code_->limits.memory) + " octets",
                     "look for a text that grows in a loop");
      }
    }
    return base::done;
  }

 private:
  Error limit(const Instruction& at, std::string message, std::string hint) const {
    return {ErrorCode::limit, std::move(message), std::move(hint), code_->places.at(at.offset)};
  }

  std::size_t step(const Instruction& at, std::size_t pc, std::string& out) {
    switch (at.op) {
      case Instruction::Op::text:
        out.append(code_->text, at.a, at.b);
        return pc + 1;
      case Instruction::Op::output:
        output(evaluate(code_->expressions[at.a]), out);
        return pc + 1;
      case Instruction::Op::jump:
        return at.c;
      case Instruction::Op::unless:
        return holds_all({at.a, at.b}) ? pc + 1 : at.c;
      case Instruction::Op::assign:
        slots_[at.a] = {evaluate(code_->expressions[at.b]), true};
        return pc + 1;
      case Instruction::Op::loop_begin:
        return enter(code_->loops[at.a]) ? pc + 1 : at.c;
      case Instruction::Op::loop_next:
        if (++frames_.back().done < frames_.back().length) {
          slots_[frames_.back().slot] = {frames_.back().item(), true};
          return at.c;
        }
        leave();
        return pc + 1;
      case Instruction::Op::loop_leave:
        leave();
        return at.c;
    }
    return pc + 1;
  }

  void output(const Value& value, std::string& out) {
    const auto* const text = value.get<std::string_view>();
    if (!code_->html || value.is_html()) return append_text(out, value);
    if (text != nullptr) return mail::append_html_escaped(out, *text);
    if (value.get<const Array*>() == nullptr) return append_text(out, value);
    std::string& plain = arena_.text();
    append_text(plain, value);
    mail::append_html_escaped(out, plain);
  }

  /// From the right: a and b or c is a and (b or c).
  bool holds_all(Range range) {
    bool result = holds_one(code_->comparisons[range.end - 1]);
    for (Index i = range.end - 1; i-- > range.begin;) {
      const Comparison& each = code_->comparisons[i];
      if (each.joined_by_or) {
        result = result || holds_one(each);
      } else {
        result = result && holds_one(each);
      }
    }
    return result;
  }

  bool holds_one(const Comparison& each) {
    const Value left = evaluate(code_->expressions[each.left]);
    if (each.relation == Relation::truthy) return left.truthy();
    return holds(left, each.relation, evaluate(code_->expressions[each.right]));
  }

  Value evaluate(const Expression& expression) {
    Value value = operand(expression.operand);
    for (Index i = expression.calls.begin; i < expression.calls.end; ++i) {
      const Call& call = code_->calls[i];
      std::array<Value, kMostArguments> arguments;
      std::size_t n = 0;
      for (Index k = call.arguments.begin; k < call.arguments.end; ++k) arguments[n++] = operand(k);
      FilterContext context{arena_, input_->now, input_->utc_offset_minutes};
      value = call.filter->apply(context, value, {arguments.data(), n});
      if (arena_.exhausted()) return {};
    }
    return value;
  }

  Value operand(Index index) {
    const Operand& each = code_->operands[index];
    return each.kind == Operand::Kind::literal ? code_->values[each.index] : find(code_->paths[each.index]);
  }

  Value find(const Path& path) {
    Index at = path.steps.begin;
    Value value;
    if (path.slot == kForloop) {
      if (at < path.steps.end) value = loop_state(code_->steps[at++].name);
    } else if (path.slot != kNone && slots_[path.slot].set) {
      value = slots_[path.slot].value;
    } else {
      value = Value(&input_->names).member(path.root);
    }
    for (; at < path.steps.end && !value.nil(); ++at) value = follow(value, code_->steps[at]);
    return value;
  }

  Value follow(const Value& value, const Step& step) {
    if (step.kind == Step::Kind::name) return value.member(step.name);
    if (step.kind == Step::Kind::index) return value.item(step.index);
    const Value key = operand(step.operand);
    if (const auto* const name = key.get<std::string_view>()) return value.member(*name);
    if (const auto* const n = key.get<std::int64_t>()) return value.item(*n);
    return {};
  }

  Value loop_state(std::string_view name) const {
    if (frames_.empty()) return {};
    const Frame& frame = frames_.back();
    if (name == "index") return frame.done + 1;
    if (name == "index0") return frame.done;
    if (name == "rindex") return frame.length - frame.done;
    if (name == "rindex0") return frame.length - frame.done - 1;
    if (name == "length") return frame.length;
    if (name == "first") return frame.done == 0;
    if (name == "last") return frame.done + 1 == frame.length;
    return {};
  }

  /// False where there is nothing to loop over.
  bool enter(const Loop& loop) {
    Frame frame;
    if (loop.collection == kNone) {
      frame.first = as_integer(operand(loop.first), 0);
      const std::int64_t last = as_integer(operand(loop.last), -1);
      constexpr std::int64_t kFar = std::int64_t{1} << 40;
      frame.first = std::clamp(frame.first, -kFar, kFar);
      frame.length = std::clamp(last, -kFar, kFar) - frame.first + 1;
    } else if (const Value collection = operand(loop.collection);
               const auto* const array = collection.get<const Array*>()) {
      frame.array = *array;
      frame.length = static_cast<std::int64_t>(frame.array->size());
    }
    if (loop.offset != kNone) {
      const std::int64_t skipped =
          std::clamp<std::int64_t>(as_integer(operand(loop.offset), 0), 0, std::max<std::int64_t>(frame.length, 0));
      frame.first += skipped;
      frame.length -= skipped;
    }
    if (loop.limit != kNone) frame.length = std::min(frame.length, as_integer(operand(loop.limit), frame.length));
    if (frame.length <= 0) return false;
    frame.reversed = loop.reversed;
    frame.slot = loop.slot;
    frame.shadowed = slots_[loop.slot].value;
    frame.was_set = slots_[loop.slot].set;
    slots_[loop.slot] = {frame.item(), true};
    frames_.push_back(frame);
    return true;
  }

  void leave() {
    const Frame& frame = frames_.back();
    slots_[frame.slot] = {frame.shadowed, frame.was_set};
    frames_.pop_back();
  }

  const Code* code_ = nullptr;
  const RenderInput* input_ = nullptr;
  Arena arena_;
  std::vector<Slot> slots_;
  std::vector<Frame> frames_;
  std::size_t steps_ = 0;
};

Renderer::Renderer() : machine_(std::make_unique<Machine>()) {}
Renderer::Renderer(Renderer&&) noexcept = default;
Renderer& Renderer::operator=(Renderer&&) noexcept = default;
Renderer::~Renderer() = default;

base::Result<void> Renderer::render(const Program& program, const RenderInput& input, std::string& out) {
  begin(program, input);
  return machine_->run(0, program.code().instructions.size(), out);
}

void Renderer::begin(const Program& program, const RenderInput& input) { machine_->begin(program, input); }

base::Result<void> Renderer::segment(const Segment& segment, std::string& out) {
  return machine_->run(segment.begin, segment.end, out);
}

}  // namespace todoku::campaign::liquid
