// The rows of cues.cc's table.
#pragma once
#include <span>
#include <string_view>

#include "bounce/cues.h"

namespace todoku::bounce {

struct CueRow {
  Cue cue;
  std::string_view phrase;  // any case, blanks stand for any blanks
  std::string_view format = {};
  smtp::Stage stage = smtp::Stage::none;
};

[[nodiscard]] std::span<const CueRow> cue_table();

}  // namespace todoku::bounce
