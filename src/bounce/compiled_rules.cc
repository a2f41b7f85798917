#include "bounce/compiled_rules.h"

#include "bounce/cue_table.h"
#include "bounce/explanation_text.h"
#include "bounce/flat.h"
#include "bounce/reason.h"
#include "bounce/rule_table.h"

namespace todoku::bounce {
namespace {

struct Parts {
  std::span<const std::uint64_t> rules, cues;
  std::span<const CompiledMeaning> meanings;

  explicit Parts(FlatReader from)
      : rules(from.take<std::uint64_t>()), cues(from.take<std::uint64_t>()), meanings(from.take<CompiledMeaning>()) {}
};

const Parts& parts() {
  static const Parts kParts{FlatReader(compiled_all())};
  return kParts;
}

}  // namespace

std::span<const std::uint64_t> compiled_rules() { return parts().rules; }
std::span<const std::uint64_t> compiled_cues() { return parts().cues; }
std::span<const CompiledMeaning> compiled_meanings() { return parts().meanings; }

base::Result<std::vector<std::uint64_t>> compile_all() {
  const auto rules = compile_built_in_rules();
  if (!rules) return rules.error();
  std::vector<CompiledMeaning> meanings;
  for (int i = 0; i < kReasonCount; ++i) {
    const Meaning& meaning = meaning_of(static_cast<Reason>(i));
    meanings.push_back({static_cast<std::uint32_t>(meaning.effect), static_cast<std::uint32_t>(meaning.party)});
  }
  FlatWriter out;
  out.put(*rules);
  out.put(compile_cues());
  out.put(meanings);
  return out.take();
}

}  // namespace todoku::bounce
