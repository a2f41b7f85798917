// Who serves a receiving domain, by the name that rules of the stop policy give it.
#pragma once
#include <string>
#include <string_view>

namespace todoku::app {

/// "gmail"; empty where nobody known serves it. `host`: who answered, or empty; a domain of its own may be served by a
/// provider.
[[nodiscard]] std::string provider_of(std::string_view domain, std::string_view host);

}  // namespace todoku::app
