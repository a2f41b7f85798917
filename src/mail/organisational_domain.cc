#include "mail/organisational_domain.h"

#include <libpsl.h>

namespace todoku::mail {

std::string organisational_domain(std::string_view domain) {
  if (domain.ends_with('.')) domain.remove_suffix(1);
  const std::string copy(domain);
  const char* registered = psl_registrable_domain(psl_builtin(), copy.c_str());
  return registered != nullptr ? std::string(registered) : copy;
}

}  // namespace todoku::mail
