// Asks DNS once a day about domains that may be gone, and stops the readers of those that are (audience/dead_domain.h).
// Any number of processes may have it; each question is one's.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <random>
#include <thread>

#include "audience/dead_domain.h"
#include "base/clock.h"
#include "base/result.h"
#include "dns/resolver.h"
#include "net/runtime.h"
#include "store/store.h"

namespace todoku::app {

class Config;

/// What an answer of DNS tells about a domain of readers.
[[nodiscard]] audience::DomainAnswer answer_of(dns::Status status);

class DomainRechecks {
 public:
  /// Begins at once. The store lives longer. Errors: as dns::make_resolver.
  [[nodiscard]] static base::Result<std::unique_ptr<DomainRechecks>> start(const Config& config, store::Store& store);
  ~DomainRechecks();

  void stop();

 private:
  DomainRechecks(store::Store& store, std::int64_t days) : store_(store), days_(days) {}

  void run(const std::stop_token& stop);
  void watch();
  bool check_some(const std::stop_token& stop);
  void check(const audience::WatchedDomain& domain, const std::stop_token& stop);
  void stop_readers(const audience::WatchedDomain& domain, bounce::Reason reason);
  base::Duration jitter();

  store::Store& store_;
  const std::int64_t days_;  // in a row that make a domain dead
  base::SystemClock clock_;
  net::Runtime runtime_{{.threads = 1, .workers = 1}};
  std::unique_ptr<dns::Resolver> resolver_;
  std::mt19937 random_{std::random_device{}()};
  base::Time watched_at_{};
  std::mutex mutex_;  // for waking_ alone
  std::condition_variable_any waking_;
  std::jthread thread_;
};

}  // namespace todoku::app
