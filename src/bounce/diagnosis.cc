#include "bounce/diagnosis.h"

namespace todoku::bounce {

std::string_view to_string(Kind kind) {
  constexpr std::string_view kNames[] = {"bounce", "delay", "delivered", "complaint", "auto_reply", "other"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace todoku::bounce
