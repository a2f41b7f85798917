// What stands in a server's words beside the matter: a word of a link's path, and what the sender is asked to do who
// thinks that he was wronged ("if you believe that this is no spam, write to …"). It names a second matter in passing,
// and no refusal was ever for it alone. Pure.
#pragma once
#include <cstddef>
#include <string_view>

#include "bounce/rule_text.h"

namespace todoku::bounce {

/// Whether what begins at `at` of plain.text, which was made of `raw`, is said aside.
[[nodiscard]] bool said_aside(const PlainText& plain, std::string_view raw, std::size_t at);

}  // namespace todoku::bounce
