// The settings of webhooks, and what they need of the rest: intake, name service and web client.
#pragma once
#include <memory>
#include <mutex>

#include "app/config.h"
#include "app/intake_wiring.h"
#include "app/serve/webhook_pages.h"
#include "base/clock.h"
#include "base/result.h"
#include "dns/resolver.h"
#include "net/https_client.h"
#include "net/runtime.h"

namespace todoku::app {

class WebhookWiring {
 public:
  /// All live longer. Errors: a setting that cannot work, an own rule that is wrong.
  [[nodiscard]] static base::Result<std::unique_ptr<WebhookWiring>> make(Context& context, store::Store& store,
                                                                         net::Runtime& runtime,
                                                                         const base::Clock& clock,
                                                                         IntakeWiring::Observe observe = {});

  /// By the settings of now. On an error the old ones stay in force.
  [[nodiscard]] base::Result<void> renew(const Config& config);

  [[nodiscard]] WebhookPages& pages() { return pages_; }

 private:
  WebhookWiring(const Config& config, std::unique_ptr<IntakeWiring> intake, net::Runtime& runtime,
                const base::Clock& clock);
  net::Task<base::Result<net::HttpsAnswer>> get(net::HttpsPlace place);
  base::Result<dns::Resolver*> resolver();

  std::unique_ptr<IntakeWiring> intake_;
  net::Runtime& runtime_;
  const dns::ResolverOptions resolver_options_;
  std::mutex mutex_;
  std::unique_ptr<dns::Resolver> resolver_;  // made when first needed, by Amazon alone; guarded by mutex_
  net::HttpsClient https_;
  WebhookPages pages_;
};

}  // namespace todoku::app
