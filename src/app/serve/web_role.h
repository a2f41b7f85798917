// The HTTP side of the daemon: one server with the pages and endpoints of all parts.
#pragma once
#include <memory>

#include "app/config.h"
#include "app/serve/access_gate.h"
#include "app/serve/download_pages.h"
#include "app/serve/health_pages.h"
#include "app/serve/metrics_page.h"
#include "app/serve/status_check_pages.h"
#include "app/serve/unsubscribe_pages.h"
#include "app/serve/webhook_wiring.h"
#include "base/clock.h"
#include "base/even_clock.h"
#include "base/result.h"
#include "http/server.h"
#include "net/runtime.h"
#include "store/store.h"

namespace todoku::app {

class WebRole {
 public:
  /// All live longer. Errors: an address that is taken or none, a certificate that cannot be read.
  [[nodiscard]] static base::Result<std::unique_ptr<WebRole>> start(Context& context, store::Store& store,
                                                                    Health& health, Meters& meters);
  /// The same without listening anywhere.
  [[nodiscard]] static base::Result<std::unique_ptr<WebRole>> make(Context& context, store::Store& store,
                                                                   Health& health, Meters& meters);
  ~WebRole();

  /// All that is served; lives no longer than this.
  [[nodiscard]] http::Router router();

  /// Takes over what may change while it runs: certificate, token, webhooks. On an error the old certificate stays.
  [[nodiscard]] base::Result<void> renew(const Config& config);

  [[nodiscard]] net::Endpoint at() const { return server_->at(); }
  void drain() { server_->drain(); }
  /// After drain(): waits for those who are being answered.
  bool close(base::Duration grace) { return runtime_.close(grace); }

 private:
  WebRole(const Config& config, store::Store& store, Health& health, Meters& meters);

  base::SystemClock clock_;
  base::SteadyClock steady_;
  AccessGate gate_;
  net::Runtime runtime_{{.threads = 2, .workers = 4}};
  HealthPages health_pages_;
  MetricsPage metrics_page_;
  UnsubscribePages unsubscribe_pages_;
  StatusCheckPages status_check_pages_;
  DownloadPages download_pages_;
  std::unique_ptr<WebhookWiring> webhooks_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace todoku::app
