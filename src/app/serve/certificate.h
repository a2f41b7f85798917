// A server's certificate and key, from the files that two settings name.
#pragma once
#include <memory>
#include <string_view>

#include "app/config.h"
#include "base/result.h"
#include "net/tls.h"

namespace todoku::app {

/// `section`: "http" for http.tls_certificate and http.tls_key. Null where neither is set. Errors: a file that cannot
/// be read, or is no PEM.
[[nodiscard]] base::Result<std::shared_ptr<net::TlsServerContext>> load_certificate(const Config& config,
                                                                                    std::string_view section);

}  // namespace todoku::app
