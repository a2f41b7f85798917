// What is wrong with an address, in Japanese: mail's error texts are English.
#pragma once
#include <string>

#include "base/result.h"

namespace todoku::audience {

/// "@がありません (7文字目)". What is not known stays English.
[[nodiscard]] std::string japanese_address_fault(const base::Error& error);

}  // namespace todoku::audience
