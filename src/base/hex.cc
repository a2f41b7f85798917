#include "base/hex.h"

#include <sodium.h>

namespace todoku::base {

std::string to_hex(std::string_view bytes) {
  std::string hex(2 * bytes.size(), '\0');
  // It ends its text with a zero, for which a string has the room.
  sodium_bin2hex(hex.data(), hex.size() + 1, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  return hex;
}

}  // namespace todoku::base
