#include "base/secret.h"

#include <sodium.h>

namespace todoku::base {

Secret::~Secret() { sodium_memzero(text_.data(), text_.size()); }

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  sodium_memzero(text_.data(), text_.size());
  text_ = std::exchange(other.text_, {});
  return *this;
}

}  // namespace todoku::base
