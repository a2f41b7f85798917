// The rows of cues.cc's table.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "bounce/cues.h"

namespace todoku::bounce {

struct CueRow {
  Cue cue;
  std::string_view phrase;  // any case, blanks stand for any blanks
  std::string_view format = {};
  smtp::Stage stage = smtp::Stage::none;
};

[[nodiscard]] std::span<const CueRow> cue_table();

/// The search for the table's phrases, as compiled_cues() has it: a PhraseBook's tables; of each of its phrases the
/// range of its rows (one that means two things has several); the rows, as indices in the table.
[[nodiscard]] std::vector<std::uint64_t> compile_cues();

}  // namespace todoku::bounce
