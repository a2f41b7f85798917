#include "intake/arrival.h"

#include <fmt/format.h>

namespace todoku::intake {

std::string_view to_string(Road road) {
  switch (road) {
    case Road::smtp:
      return "smtp";
    case Road::mailbox:
      return "mailbox";
    case Road::folder:
      return "folder";
    case Road::pipe:
      return "pipe";
    case Road::webhook:
      return "webhook";
  }
  return "";
}

std::string beginning_alone(std::size_t bytes) {
  return fmt::format("it is too large: the first {} MiB were read, and they report nothing", bytes >> 20U);
}

}  // namespace todoku::intake
