// GET /metrics, for Prometheus: this machine and who has the token.
#pragma once
#include "app/serve/access_gate.h"
#include "app/serve/meters.h"
#include "http/router.h"
#include "net/runtime.h"

namespace todoku::app {

class MetricsPage {
 public:
  /// All live longer.
  MetricsPage(const Meters& meters, const AccessGate& gate, net::Runtime& runtime)
      : meters_(meters), gate_(gate), runtime_(runtime) {}
  /// This lives as long as the router.
  void add_to(http::Router& router);

 private:
  net::Task<http::Response> answer(http::Request& request);

  const Meters& meters_;
  const AccessGate& gate_;
  net::Runtime& runtime_;
};

}  // namespace todoku::app
