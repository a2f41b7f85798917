// Any text as a template: it compiles or says where it is wrong; what compiles renders within its limits, whole and in
// pieces the same.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "campaign/liquid.h"

using namespace todoku::campaign::liquid;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const bool html = (data[0] & 1) != 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  Limits limits;
  limits.steps = 2'000;
  limits.output = 20'000;
  limits.memory = 100'000;
  const auto program = Program::compile({text, "t", 1}, html, limits);
  if (!program) {
    if (program.error().where.empty() || program.error().message.empty()) std::abort();
    return 0;
  }
  const Array items = {Value("a"), Value(std::int64_t{2}), Value()};
  const Object contact = {{"name", "花子"}, {"n", "12"}, {"x", Value(&items)}};
  const Object names = {{"contact", Value(&contact)}, {"items", Value(&items)}, {"x", Value("<b>")}};
  const RenderInput input{names, todoku::base::from_stored(1'719'792'000'000), 540};
  Renderer renderer;
  std::string whole;
  const bool rendered = renderer.render(*program, input, whole).ok();
  std::string pieces;
  renderer.begin(*program, input);
  for (const Segment& segment : program->segments()) {
    if (segment.fixed) {
      pieces += segment.text;
    } else if (!renderer.segment(segment, pieces)) {
      return 0;
    }
  }
  if (rendered && pieces != whole) std::abort();
  return 0;
}
