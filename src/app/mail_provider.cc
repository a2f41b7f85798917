#include "app/mail_provider.h"

#include "provider/providers.h"

namespace todoku::app {

std::string provider_of(std::string_view domain, std::string_view host) {
  const auto& all = provider::Providers::built_in();
  const provider::Provider* found = all.of_domain(domain);
  if (found == nullptr && !host.empty()) found = all.of_mx(host);
  return found == nullptr ? "" : found->name;
}

}  // namespace todoku::app
