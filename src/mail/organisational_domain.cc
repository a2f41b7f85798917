#include "mail/organisational_domain.h"

#include <libpsl.h>

namespace todoku::mail {

std::string organisational_domain(std::string_view domain) {
  if (domain.ends_with('.')) domain.remove_suffix(1);
  const std::string copy(domain);
  const char* registered = psl_registrable_domain(psl_builtin(), copy.c_str());
  return registered != nullptr ? std::string(registered) : copy;
}

bool top_level_exists(std::string_view domain) {
  const std::string last(domain.substr(domain.rfind('.') + 1));
  return !last.empty() && psl_is_public_suffix2(psl_builtin(), last.c_str(), PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE) != 0;
}

}  // namespace todoku::mail
