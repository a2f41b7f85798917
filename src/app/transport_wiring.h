// Transport security towards receiving servers, joined by the settings: DANE, MTA-STS with its fetching and keeping,
// the counting for reports.
#pragma once
#include <memory>
#include <optional>

#include "app/config.h"
#include "base/clock.h"
#include "base/result.h"
#include "delivery/sts_policies.h"
#include "delivery/tls_results.h"
#include "delivery/transport.h"
#include "net/https_client.h"

namespace todoku::app {

/// What policies and reports are asked for and sent over.
[[nodiscard]] net::HttpsOptions https_options(const Config& config);

class TransportWiring {
 public:
  /// All live longer. Errors: a word that a setting does not take.
  [[nodiscard]] static base::Result<std::unique_ptr<TransportWiring>> make(const Config& config,
                                                                           dns::Resolver& resolver, store::Store& store,
                                                                           const base::Clock& clock);
  /// When no coroutine uses it any more; stores what is counted.
  ~TransportWiring();
  TransportWiring(const TransportWiring&) = delete;
  TransportWiring& operator=(const TransportWiring&) = delete;

  [[nodiscard]] const delivery::Transport& transport() const { return *transport_; }
  [[nodiscard]] delivery::TlsResults& results() { return results_; }

 private:
  TransportWiring(const Config& config, store::Store& store, const base::Clock& clock);

  net::HttpsClient https_;
  delivery::TlsResults results_;
  std::optional<delivery::StsPolicies> policies_;
  std::optional<delivery::Transport> transport_;
};

}  // namespace todoku::app
