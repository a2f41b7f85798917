// What the words right before an address make of it, in the languages mail systems and people write.
#pragma once
#include <string_view>

#include "bounce/address_scan.h"

namespace todoku::bounce {

/// The last words before the address, at most 60 bytes and not beyond `floor`, where the address before it ends.
[[nodiscard]] std::string_view words_before(std::string_view text, const FoundAddress& found, std::size_t floor);

/// "A message from a@b.c": who sent the mail, no one whom it was for; "contact a@b.c": whom to ask.
[[nodiscard]] bool of_a_sender(std::string_view before);

/// "Please write to the new address a@b.c."
[[nodiscard]] bool of_a_successor(std::string_view before);

}  // namespace todoku::bounce
