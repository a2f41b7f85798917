// One line of `todoku explain --replies`: host TAB stage TAB reply.
#pragma once
#include <string_view>

#include "bounce/diagnosis.h"
#include "bounce/rules.h"

namespace todoku::app {

/// The reply's line ends stand as "\n" (and "\r\n"). Lenient, so that every line has its answer: a stage nobody knows
/// is none, a line without tabs is all reply, and a reply without a code ("connection timed out") is judged by its
/// words.
[[nodiscard]] bounce::Diagnosis explain_reply_line(const bounce::Rules& rules, std::string_view line);

}  // namespace todoku::app
