// What was made of data/rules, data/providers and the cues when the program was built: tables in its read-only data, so
// that loading them takes no time (cmake/compile_rules.cc makes them, compiled_rules_test.cc holds them to the texts).
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"

namespace todoku::bounce {

/// For RuleTable.
[[nodiscard]] std::span<const std::uint64_t> compiled_rules();
/// For PhraseBook: the phrases of cues.h.
[[nodiscard]] std::span<const std::uint64_t> compiled_cues();

/// Effect and party of each reason, as numbers.
struct CompiledMeaning {
  std::uint32_t effect = 0, party = 0;
};
[[nodiscard]] std::span<const CompiledMeaning> compiled_meanings();

/// All of them from the texts, as the build does it.
[[nodiscard]] base::Result<std::vector<std::uint64_t>> compile_all();
/// Those in the program; compile_all() itself works without.
[[nodiscard]] std::span<const std::uint64_t> compiled_all();

}  // namespace todoku::bounce
