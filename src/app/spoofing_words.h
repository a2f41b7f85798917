// What spoofing is told in: origins and advice in both languages.
#pragma once
#include "app/phrase.h"
#include "intake/spoofing/advice.h"

namespace todoku::app {

[[nodiscard]] Phrase origin_words(intake::spoofing::Origin origin);
/// What to do, and how.
[[nodiscard]] Phrase advice_words(intake::spoofing::Advice advice);

}  // namespace todoku::app
