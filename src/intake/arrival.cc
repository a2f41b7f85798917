#include "intake/arrival.h"

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

}  // namespace todoku::intake
