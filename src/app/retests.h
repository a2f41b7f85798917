// Tests of stopped addresses: begun by a command, followed by the daemon.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "audience/retest.h"
#include "audience/stops.h"
#include "base/clock.h"
#include "base/result.h"
#include "store/store.h"
#include "tracking/token.h"

namespace todoku::app {

/// Lays the test's mail down in the queue. In the caller's transaction. Errors: may_retest()'s; not_found where no
/// campaign gave the reader a sender that they know; refused where they refused mail meanwhile.
[[nodiscard]] base::Result<void> begin_retest(store::Connection& db, const audience::Stop& stop,
                                              const tracking::Tokens& tokens, base::Time now);

/// What is known of a test's mail, and the words of whoever refused it.
struct RetestNews {
  audience::RetestEvidence evidence;
  std::string reply;
};
[[nodiscard]] RetestNews news_of(store::Connection& db, const audience::Retest& test);

/// Decides tests as their mails' news come in. Any number of processes may.
class RetestWatch {
 public:
  /// `wait`: how long nothing may come back. The store lives longer.
  RetestWatch(store::Store& store, base::Duration wait) : store_(store), wait_(wait) {}
  /// At most every two seconds; callable at any time. Throws where the store fails.
  void look();
  /// All open tests, by the time given; how many ended.
  std::int64_t decide(base::Time now);

 private:
  store::Store& store_;
  const base::Duration wait_;
  std::chrono::steady_clock::time_point looked_;
};

}  // namespace todoku::app
