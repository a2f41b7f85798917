// GET /health: ready or not, and why not. GET /health/live: whether the process still works at all.
#pragma once
#include "app/serve/access_gate.h"
#include "app/serve/health.h"
#include "base/clock.h"
#include "http/router.h"

namespace todoku::app {

class HealthPages {
 public:
  /// All live longer.
  HealthPages(const Health& health, const AccessGate& gate, const base::Clock& clock)
      : health_(health), gate_(gate), clock_(clock) {}
  /// This lives as long as the router.
  void add_to(http::Router& router);

 private:
  net::Task<http::Response> ready(http::Request& request);
  net::Task<http::Response> live(http::Request& request);

  const Health& health_;
  const AccessGate& gate_;
  const base::Clock& clock_;
};

}  // namespace todoku::app
