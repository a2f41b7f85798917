// What a reason means, in words for people (data/rules/reasons.toml).
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "bounce/reason.h"

namespace todoku::bounce {

enum class Language : std::uint8_t { ja, en };

/// What a screen or a command offers to do about it; words of data/rules/reasons.toml ("correct_and_resend").
struct Explanation {
  std::string name;  // "宛先不明", "No such user"
  std::string why;   // one or two sentences, no jargon
  std::string who;   // who has to act, as a word for a sentence
  std::string what;  // what exactly to do
  std::vector<std::string> actions;
};

/// Never fails: every reason has both languages (a test holds it so).
[[nodiscard]] const Explanation& explain(Reason reason, Language language);
[[nodiscard]] Effect effect_of(Reason reason);
[[nodiscard]] Party party_of(Reason reason);

}  // namespace todoku::bounce
