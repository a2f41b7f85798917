// What data/rules/reasons.toml says of each reason, read when first asked for.
#pragma once
#include <array>

#include "bounce/explanation.h"
#include "bounce/reason.h"

namespace todoku::bounce {

struct Meaning {
  std::array<Explanation, 2> explanations;  // by Language
  Effect effect = Effect::soft;
  Party party = Party::human;
};

[[nodiscard]] const Meaning& meaning_of(Reason reason);

}  // namespace todoku::bounce
