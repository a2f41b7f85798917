// Looks every hour whether the addresses that mail goes out from are named as receivers want it, on a thread of its
// own: /health warns, the log has `own_name_wrong`. It never makes the daemon unready.
#pragma once
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "app/name_check.h"
#include "app/serve/health.h"
#include "base/result.h"

namespace todoku::app {

class OwnNames {
 public:
  /// Begins at once, with the settings of now. Health lives longer. Errors: as dns::make_resolver.
  [[nodiscard]] static base::Result<std::unique_ptr<OwnNames>> start(const Config& config, Health& health);
  ~OwnNames();

 private:
  OwnNames(std::vector<SendingName> names, Health& health) : names_(std::move(names)), health_(health) {}
  void run(const std::stop_token& stop);
  void look(const std::stop_token& stop);

  const std::vector<SendingName> names_;
  Health& health_;
  net::Runtime runtime_{{.threads = 1, .workers = 1}};
  std::unique_ptr<dns::Resolver> resolver_;
  std::string said_;
  bool unanswered_ = false;
  std::mutex mutex_;  // for waking_ alone
  std::condition_variable_any waking_;
  std::jthread thread_;
};

}  // namespace todoku::app
