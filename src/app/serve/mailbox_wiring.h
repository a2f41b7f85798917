// The mailboxes that bounces are fetched from, with what they need of the rest.
#pragma once
#include <memory>
#include <vector>

#include "app/intake_wiring.h"
#include "app/serve/health.h"
#include "base/clock.h"
#include "base/result.h"
#include "dns/resolver.h"
#include "intake/mailbox/poller.h"
#include "net/https_client.h"
#include "net/runtime.h"

namespace todoku::app {

class Config;

class MailboxWiring {
 public:
  /// Fetches nothing before begin(). All live longer. Errors: authorities that cannot be read.
  [[nodiscard]] static base::Result<std::unique_ptr<MailboxWiring>> make(const Config& config, store::Store& store,
                                                                         IntakeWiring& intake, Health& health);
  ~MailboxWiring();

  void begin();

  /// What is being taken over is taken; nothing more is fetched.
  void stop();

 private:
  explicit MailboxWiring(const Config& config);
  net::Task<base::Result<net::HttpsAnswer>> post(net::HttpsPlace place, std::string form);

  base::SystemClock clock_;
  net::Runtime runtime_{{.threads = 1, .workers = 2}};
  std::unique_ptr<dns::Resolver> resolver_;
  net::HttpsClient https_;
  std::vector<std::unique_ptr<intake::mailbox::Poller>> pollers_;
};

}  // namespace todoku::app
