#include "base/result.h"

namespace todoku::base {

std::string Error::text() const {
  std::string out = where.empty() ? message : where + ": " + message;
  if (!hint.empty()) out += " (" + hint + ")";
  return out;
}

}  // namespace todoku::base
