// The part of the daemon that posts notices to the operator's systems (remedy/notifier.h).
//
// A target's name is asked of the own resolver, and the addresses that were checked are the ones connected to: those of
// the internet alone, unless the target allows others.
#pragma once
#include <map>
#include <memory>

#include "app/serve/meters.h"
#include "base/clock.h"
#include "base/result.h"
#include "dns/resolver.h"
#include "net/https_client.h"
#include "net/runtime.h"
#include "remedy/notifier.h"
#include "store/store.h"

namespace todoku::app {

class Config;
class Context;

class NotifyRole {
 public:
  /// All live longer. Errors: settings that cannot be.
  [[nodiscard]] static base::Result<std::unique_ptr<NotifyRole>> start(const Context& context, const Config& config,
                                                                       store::Store& store, Meters& meters);
  ~NotifyRole();

  /// Posts under way end, or are given up and come again.
  void stop();

 private:
  explicit NotifyRole(const std::vector<remedy::NotifyTarget>& targets);
  net::Task<base::Result<long>> post(const remedy::NotifyTarget& target, remedy::NotePost post);

  struct Way {
    net::HttpsPlace place;
    std::unique_ptr<net::HttpsClient> client;
  };

  base::SystemClock clock_;
  net::Runtime runtime_{{.threads = 1, .workers = 2}};
  std::unique_ptr<dns::Resolver> resolver_;
  std::map<std::string, Way> ways_;  // by the target's name
  std::unique_ptr<remedy::Notifier> notifier_;
};

}  // namespace todoku::app
