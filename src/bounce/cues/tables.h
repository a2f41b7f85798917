// The rows of the cue table, one file for each meaning and family of languages; cue_table.cc puts them together.
#pragma once
#include <span>

#include "bounce/cue_table.h"

namespace todoku::bounce {

[[nodiscard]] std::span<const CueRow> failed_english();
[[nodiscard]] std::span<const CueRow> failed_latin();
[[nodiscard]] std::span<const CueRow> failed_scripts();
[[nodiscard]] std::span<const CueRow> subjects();
[[nodiscard]] std::span<const CueRow> delays();
[[nodiscard]] std::span<const CueRow> other_mails();
[[nodiscard]] std::span<const CueRow> layout();

}  // namespace todoku::bounce
