// The bounce domain's MX: an SMTP server that hands what it takes to intake.
#pragma once
#include <memory>
#include <optional>

#include "app/config.h"
#include "base/clock.h"
#include "base/result.h"
#include "intake/bounce_listener.h"
#include "net/runtime.h"
#include "smtp/server.h"
#include "store/store.h"
#include "tracking/current_tokens.h"

namespace todoku::app {

class Meters;

class BounceServer {
 public:
  /// Null where intake.listen is empty. All live longer. Errors: an address that is taken or none, a certificate that
  /// cannot be read, no bounce domain.
  [[nodiscard]] static base::Result<std::unique_ptr<BounceServer>> start(const Config& config, store::Store& store,
                                                                         intake::Taker& taker, Meters& meters);
  ~BounceServer();

  /// A new certificate; on an error the old one stays.
  [[nodiscard]] base::Result<void> renew(const Config& config);
  [[nodiscard]] net::Endpoint at() const { return server_->at(); }
  void drain() { server_->drain(); }
  /// After drain(): waits for the mails under way.
  bool close(base::Duration grace) { return runtime_.close(grace); }

 private:
  explicit BounceServer(store::Store& store);

  base::SystemClock clock_;
  tracking::CurrentTokens tokens_;
  net::Runtime runtime_{{.threads = 2, .workers = 2}};
  std::optional<intake::BounceListener> listener_;
  std::unique_ptr<smtp::Server> server_;
};

}  // namespace todoku::app
