// The settings of the configuration as the modules take them.
#pragma once
#include <memory>
#include <string>

#include "app/config.h"
#include "audience/stop_policy.h"
#include "base/result.h"
#include "delivery/allowance.h"
#include "delivery/options.h"
#include "dns/resolver.h"
#include "net/tls.h"

namespace todoku::app {

[[nodiscard]] dns::ResolverOptions resolver_options(const Config& config);

/// Verifies the smart host's certificate where TLS is required of one; of receivers, each route says what to verify.
/// Errors: the file of authorities cannot be read.
[[nodiscard]] base::Result<std::unique_ptr<net::TlsClientContext>> tls_context(const Config& config);

/// `tls` lives as long as the options are used. Errors: a word that the setting does not take.
[[nodiscard]] base::Result<delivery::Options> delivery_options(const Config& config, net::TlsClientContext& tls);

/// The providers' files with the operator's settings over them. Errors: a number that makes no sense.
[[nodiscard]] base::Result<delivery::Allowances> allowances(const Config& config);

/// What this server calls itself: smtp.helo, else the host's name.
[[nodiscard]] std::string own_hostname(const Config& config);

[[nodiscard]] audience::StopLimits stop_limits(const Config& config);

}  // namespace todoku::app
