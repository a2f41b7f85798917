// Takes mail from programs that sign in with a key (RFC 6409, RFC 8314): over TLS alone, from the key's domains alone,
// to whoever may be mailed. Accepted means stored in the queue. It takes nothing from anybody else: without a key there
// is no MAIL, so it relays for nobody under any settings.
#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "net/rate_table.h"
#include "net/runtime.h"
#include "smtp/server.h"
#include "store/store.h"
#include "submission/submission_key.h"

namespace todoku::submission {

struct ListenerOptions {
  std::string bounce_domain;  // of return paths; empty: the sender's
  /// Hears of each mail: "accepted", "refused", "put_off". On I/O threads. May be empty.
  std::function<void(std::string_view)> observe = {};
};

class SubmissionListener final : public smtp::Receiver {
 public:
  /// All live longer.
  SubmissionListener(store::Store& store, net::Runtime& runtime, const base::Clock& clock, ListenerOptions options)
      : store_(store), runtime_(runtime), clock_(clock), options_(std::move(options)) {}

  net::Task<smtp::Answer> authenticate(smtp::Visit& visit, const smtp::Credentials& credentials) override;
  net::Task<smtp::Answer> sender(smtp::Visit& visit, const std::string& address) override;
  net::Task<smtp::Answer> recipient(smtp::Visit& visit, const std::string& address) override;
  net::Task<smtp::Answer> message(smtp::Visit& visit) override;

 private:
  struct Budget {
    Budget(double per_minute, double per_hour)
        : minute({.per_minute = per_minute}), hour({.per_minute = per_hour / 60, .burst = per_hour}) {}
    net::RateTable minute, hour;
  };
  struct Known {
    SubmissionKey key;
    std::shared_ptr<Budget> budget;  // shared with who spends of it just now
  };
  void know(const SubmissionKey& key);
  [[nodiscard]] std::optional<Known> known(const std::string& name);
  net::Task<std::optional<SubmissionKey>> look_up(const std::string& name);
  net::Task<smtp::Answer> keep(smtp::Visit& visit, const SubmissionKey& key);
  smtp::Answer answered(smtp::Answer answer) const;

  store::Store& store_;
  net::Runtime& runtime_;
  const base::Clock& clock_;
  const ListenerOptions options_;
  std::mutex mutex_;
  std::map<std::string, Known, std::less<>> known_;  // guarded by mutex_; keys as last read, by name
};

/// The protocol's side of it: nothing without TLS and a key.
[[nodiscard]] smtp::ServerSettings submission_settings();

}  // namespace todoku::submission
