// Looks up the names (PTR) of addresses that mail in our name came from: few at a time, each once a month.
#pragma once
#include <memory>

#include "app/config.h"
#include "app/serve/health.h"
#include "base/clock.h"
#include "base/result.h"
#include "dns/resolver.h"
#include "net/runtime.h"
#include "store/store.h"

namespace todoku::app {

class SourceNames {
 public:
  /// The store lives longer. Errors: as dns::make_resolver.
  [[nodiscard]] static base::Result<std::unique_ptr<SourceNames>> make(const Config& config, store::Store& store);
  ~SourceNames();

  /// Looks up some names where it is time to; blocks for seconds at most.
  void look_up(base::Time now);

 private:
  explicit SourceNames(store::Store& store) : store_(store) {}
  store::Store& store_;
  net::Runtime runtime_{{.threads = 1, .workers = 1}};
  std::unique_ptr<dns::Resolver> resolver_;
  base::Time looked_at_;
};

/// Says in the health page which alerts nobody acknowledged; they do not make it unready.
void warn_of_spoofing(store::Store& store, Health& health);

}  // namespace todoku::app
