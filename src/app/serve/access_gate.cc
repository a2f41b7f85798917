#include "app/serve/access_gate.h"

#include "app/serve/listen_address.h"
#include "base/ascii.h"

namespace todoku::app {
namespace {

/// Takes as long whichever byte differs.
bool equal(std::string_view one, std::string_view other) {
  if (one.size() != other.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < one.size(); ++i) difference |= static_cast<unsigned char>(one[i] ^ other[i]);
  return difference == 0;
}

}  // namespace

void AccessGate::set_token(base::Secret token) {
  const std::lock_guard lock(mutex_);
  token_ = std::move(token);
}

bool AccessGate::admits(const http::Request& request) const {
  if (is_loopback(request.peer) && !request.proxied) return true;
  constexpr std::string_view kScheme = "Bearer ";
  const std::string_view given = request.fields.get("Authorization");
  if (!base::istarts_with(given, kScheme)) return false;
  const std::lock_guard lock(mutex_);
  return !token_.empty() && equal(base::trim(given.substr(kScheme.size())), token_.reveal());
}

}  // namespace todoku::app
