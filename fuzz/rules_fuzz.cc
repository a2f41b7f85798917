// Any text judged at any stage: no crash, evidence from the text itself, and the same verdict twice.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "bounce/rule_shape.h"
#include "bounce/rules.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace todoku;
  static const std::unique_ptr<bounce::Rules> kRules = [] {
    auto loaded = bounce::Rules::load();
    if (!loaded) std::abort();
    return std::move(*loaded);
  }();
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  const bounce::Observation seen{.text = text, .stage = static_cast<smtp::Stage>(data[0] % 10)};
  const bounce::Verdict first = kRules->judge(seen);
  if (kRules->judge(seen).reason != first.reason) std::abort();
  for (const auto& evidence : first.evidence)
    if (text.find(evidence.quote) == std::string_view::npos) std::abort();
  if (bounce::shape_of(text).size() > 300) std::abort();
  return 0;
}
