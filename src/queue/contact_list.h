// The contacts of a batch as bytes: ascending ids as varints (LEB128) of their differences; 1 to 2 bytes a contact.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"

namespace todoku::queue {

/// Contacts in any order; doubles fall together.
[[nodiscard]] std::string pack_contacts(std::span<const base::ContactId> contacts);

/// Ascending. Throws store::Failure where the bytes are not what pack_contacts() makes.
[[nodiscard]] std::vector<base::ContactId> unpack_contacts(std::string_view bytes);

}  // namespace todoku::queue
